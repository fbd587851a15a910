"""A suite as GX 1.x writes it to JSON, read without GX, whose import takes ten seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from resource_catalog.errors import WorkspaceError
from resource_catalog.strict_model import Model

#: The argument that names another dataset of the catalogue.
OTHER_TABLE = "other_table_name"


class Expectation(Model):
    """One expectation: its type, what it is asked of, and how grave its failure is."""

    type: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kwargs: dict[str, Any] = Field(default_factory=dict)
    meta: dict[str, Any] | None = None
    severity: Literal["critical", "warning", "info"] = "critical"
    id: str | None = None
    description: str | None = None
    notes: str | list[str] | None = None
    rendered_content: list[dict[str, Any]] | None = Field(None, description="what GX shows; not read")
    success_on_last_run: bool | None = Field(None, description="GX Cloud's; not read")
    windows: list[dict[str, Any]] | None = Field(
        None, description="GX Cloud's moving bounds; only GX itself reads them"
    )


class Suite(Model):
    """Expectations of one table, in their order; `file` is where they were read, for messages."""

    name: str = Field(min_length=1)
    expectations: tuple[Expectation, ...] = ()
    id: str | None = None
    meta: dict[str, Any] | None = None
    notes: str | list[str] | None = None
    suite_parameters: dict[str, Any] | None = None
    file: str = Field("", exclude=True)

    @model_validator(mode="after")
    def _reads_no_parameters(self) -> Suite:
        if self.suite_parameters:
            raise ValueError("suite_parameters are of GX 0.x; write the values into the expectations")
        return self

    @property
    def asks_last_release(self) -> bool:
        """Whether some limit is told by the release that readers see."""
        return any("$PARAMETER" in str(expectation.kwargs) for expectation in self.expectations)

    @property
    def other_tables(self) -> tuple[str, ...]:
        """The datasets whose number of rows some expectation asks for, each once."""
        named = [expectation.kwargs.get(OTHER_TABLE) for expectation in self.expectations]
        return tuple(dict.fromkeys(name for name in named if isinstance(name, str)))

    def fault(self, position: int, what: str, fix: str) -> WorkspaceError:
        """A fault of the expectation at a position, counted from 0."""
        expectation = self.expectations[position]
        where = f"{self.file or self.name}, expectation {position + 1} ({expectation.type})"
        return WorkspaceError(what, where=where, fix=fix)


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def read_suite(file: Path) -> Suite:
    """The suite in a JSON file.

    Raises:
        WorkspaceError: the file is missing, no JSON, or no suite; expectations are counted from 1.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise WorkspaceError("there is no such suite", where=str(file), fix="write it, or name another") from error
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"the suite is no readable JSON: {error}", where=str(file), fix="mend it") from error
    if not isinstance(document, dict):
        raise WorkspaceError("the suite is no JSON object", where=str(file), fix="save it with GX 1.x")
    try:
        suite = Suite.model_validate({key: value for key, value in document.items() if key != "file"})
    except ValidationError as error:
        fix = "mend it; an ExpectationSuite of GX 1.x has name, expectations with type and kwargs, and meta"
        raise WorkspaceError(f"not an expectation suite: {_first_fault(error)}", where=str(file), fix=fix) from error
    return suite.model_copy(update={"file": str(file)})
