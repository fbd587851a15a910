"""What everything that is read from YAML has in common: no unknown key, no conversion that could lose a value."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Model(BaseModel):
    """Base of everything read from YAML: immutable, and no key that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _read_date(written: Any) -> Any:
    """A quoted ISO date is as certain as a plain one; a number, which pydantic would read as seconds, is none."""
    if isinstance(written, str):
        return datetime.date.fromisoformat(written) if len(written) == len("2017-05-18") else written
    return written


Date = Annotated[
    datetime.date,
    Field(strict=True, json_schema_extra={"pattern": r"^\d{4}-\d{2}-\d{2}$"}),
    BeforeValidator(_read_date),
]

#: An immutable name: a-z, 0-9 and single hyphens.
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


def as_list(written: Any) -> Any:
    """A lone mapping stands for the list of one, and no value for the empty list; anything else is as it is."""
    if written is None:
        return ()
    return (written,) if isinstance(written, dict) else written
