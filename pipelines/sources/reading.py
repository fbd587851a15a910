"""What every reader of a source returns, and how it says that it can't."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from quality.finding import Finding
from quality.rules import reading as rules


@dataclass(frozen=True)
class Reading:
    """A table read into EXTRACT: its headings, how many rows, and how the source turned out to be written."""

    headings: tuple[str, ...]
    rows: int
    sheet: str = ""
    encoding: str = ""
    dialect: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


class UnreadableError(Exception):
    """A source whose shape is broken; unwinds a reader and becomes a value in the extract stage, never further up."""

    def __init__(self, *findings: Finding, counts: Mapping[str, int] | None = None) -> None:
        super().__init__(findings)
        self.findings = findings
        self.counts = dict(counts or {})


def _faults(headings: Sequence[str], row: int | None, sheet: str) -> Iterable[Finding]:
    first: dict[str, int] = {}
    for position, heading in enumerate(headings, start=1):
        if not heading.strip():
            yield rules.BLANK_HEADING.finding(sheet=sheet, row=row, position=position)
        elif heading in first:
            yield rules.DUPLICATE_HEADING.finding(
                sheet=sheet, row=row, column=heading, first=first[heading], second=position
            )
        else:
            first[heading] = position


def check_headings(headings: Sequence[str], *, row: int | None, sheet: str = "") -> tuple[str, ...]:
    """The headings, if none is blank and no two are equal.

    Raises:
        UnreadableError: with one finding per fault.
    """
    faults = list(_faults(headings, row, sheet))
    if faults:
        raise UnreadableError(*faults)
    return tuple(headings)
