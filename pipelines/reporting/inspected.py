"""One dataset as a check leaves it for its reports: the verdict, its bad rows, and its scores in the past."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from pipelines.handover import Inspection
from pipelines.plan import Decision
from quality.finding import Quality


@dataclass(frozen=True)
class PastScore:
    """The score of an earlier release, and the day of its publication."""

    release: int
    day: datetime.date
    score: float


@dataclass(frozen=True)
class InspectedDataset:
    """A dataset's verdict; `inspection` is None where its source could not be read, `history` is oldest first."""

    decision: Decision
    inspection: Inspection | None = None
    history: tuple[PastScore, ...] = ()

    @property
    def dataset(self) -> str:
        """The entry's id."""
        return self.decision.dataset

    @property
    def quality(self) -> Quality:
        """What the check found; nothing where it failed."""
        return self.decision.quality or Quality(0)
