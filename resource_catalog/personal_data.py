"""The exception that a schema may declare for personal data in a column that everybody sees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class PersonalData(BaseModel):
    """Kinds of personal data that an open column may show, and why: an office's own mobile, a public mailbox."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow: Annotated[tuple[Literal["resident-id", "mobile", "bank-card", "email"], ...], Field(min_length=1)]
    reason: str = Field(min_length=1)
