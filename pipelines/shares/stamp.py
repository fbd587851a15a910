"""When and in which run something is done: what every act of sharing is dated by."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pipelines.shares.acts import SharingAct


@dataclass(frozen=True)
class Stamp:
    """The instant (UTC) and the run."""

    at: datetime.datetime
    run: str

    def act(self, kind: str, subject: str, **detail: Any) -> SharingAct:
        """An act of this run."""
        return SharingAct(kind, subject, self.at, self.run, detail)

    def in_days(self, days: int) -> datetime.datetime:
        """The instant so many days later."""
        return self.at + datetime.timedelta(days=days)


def end_of(day: datetime.date) -> datetime.datetime:
    """The instant (UTC) at which a day is over."""
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC) + datetime.timedelta(days=1)
