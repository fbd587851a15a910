"""What an entry says of its quality gate (`quality:`): its own thresholds, rows that may be held back, waivers."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from resource_catalog.agency import Thresholds
from resource_catalog.strict_model import Date, Model

Said = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Quarantine(Model):
    """How many rows that break `must` rules may be held back from a release; beyond either limit it is blocked."""

    share: float = Field(gt=0, le=1, description="largest share of the source's rows, such as 0.01")
    rows: int | None = Field(None, ge=1, description="largest number of rows; absent: the share alone limits them")

    def limit(self, rows: int) -> int:
        """How many of so many rows may be held back."""
        # 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996: what is meant is the decimal.
        by_share = int(round(self.share * rows, 6))
        return by_share if self.rows is None else min(by_share, self.rows)


class Waiver(Model):
    """A `must` rule that doesn't block the dataset until a day, and who answers for that; readers see all of it."""

    rule: Said = Field(description="the rule's code, as in quality/RULES.md; only a rule marked there may be waived")
    column: str = Field("", description="the field's name; absent: every column that breaks the rule")
    reason: Said = Field(description="why; it is published")
    person: Said = Field(description="who decided it; it is published")
    until: Date = Field(description="the last day on which it holds, by UTC")

    def holds_on(self, day: datetime.date) -> bool:
        """Whether it is in force on a day."""
        return day <= self.until


class QualitySettings(Model):
    """The quality gate of one dataset; what is absent is as agency.yaml's `thresholds` have it."""

    minimum_score: float | None = Field(None, ge=0, le=100, description="quality score from 0 to 100")
    rows_change: float | None = Field(
        None, gt=0, description="share by which rows may change against the last release unconfirmed"
    )
    rows_change_floor: int | None = Field(None, ge=0, description="fewer changed rows than this need no confirmation")
    quarantine: Quarantine | None = Field(
        None, description="rows with `must` findings are held back and the rest published; absent: they block it"
    )
    waivers: tuple[Waiver, ...] = Field((), description="`must` findings that don't block it for a time")

    def over(self, thresholds: Thresholds) -> Thresholds:
        """The agency's thresholds with the dataset's own in their place."""
        own = {name: value for name, value in self if name in Thresholds.model_fields and value is not None}
        return thresholds.model_copy(update=own)
