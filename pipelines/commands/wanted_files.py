"""The files that a check was told to write: what the command line says to those who write them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wanted:
    """The files that were named on the command line; None for each that was not. `due` is printed on the workbooks."""

    report: Path | None = None
    junit: Path | None = None
    workbooks: Path | None = None
    due: datetime.date | None = None
    validations: Path | None = None
    repairs: Path | None = None

    @property
    def any(self) -> bool:
        """Whether a page, XML, workbooks or validation results are to be written."""
        return any((self.report, self.junit, self.workbooks, self.validations))
