"""What every reader of a source returns, and how it says that it can't."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quality.finding import Finding
from quality.footer import Footer
from quality.rules import reading as rules
from quality.rules.rule import Rule
from quality.table import ROW

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True)
class Reading:
    """A table read into EXTRACT: its headings, how many rows, and how the source turned out to be written.

    `footers` are the rows that were cut off below it, their cells by heading.
    """

    headings: tuple[str, ...]
    rows: int
    sheet: str = ""
    encoding: str = ""
    dialect: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    footers: tuple[Footer, ...] = ()


#: How many rows a head has at most.
HEAD_ROWS = 50


@dataclass(frozen=True)
class Head:
    """The headings of a source and its first rows, to hold against the catalogue; what is further down is not judged.

    `kinds` has, by heading, the type that the source itself gives: integer, number, boolean, date or datetime. A
    heading whose type is text, or mixed, is not there.
    """

    headings: tuple[str, ...]
    rows: Sequence[Sequence[str | None]] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)


def as_duckdb_compares(name: str) -> str:
    """A name as DuckDB tells names apart: those that differ only in the case of their ASCII letters are one."""
    return name.translate(_ASCII_LOWER)


class Tally:
    """Findings while rows stream by: all of them counted, the first of each rule kept."""

    KEPT = 100

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self.counts: dict[str, int] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """At most `KEPT` of each rule, in the order they were met."""
        return tuple(self._kept)

    def add(self, rule: Rule, **facts: Any) -> None:
        """Count one fault; `facts` are those of `Rule.finding`."""
        self.keep(rule.finding(**facts))

    def keep(self, finding: Finding) -> None:
        """Count one fault that is a finding already."""
        count = self.counts.get(finding.rule, 0)
        self.counts[finding.rule] = count + 1
        if count < self.KEPT:
            self._kept.append(finding)


class UnreadableError(Exception):
    """A source whose shape is broken; unwinds a reader and becomes a value in the extract stage, never further up."""

    def __init__(self, *findings: Finding, counts: Mapping[str, int] | None = None) -> None:
        super().__init__(findings)
        self.findings = findings
        self.counts = dict(counts or {})


def _faults(headings: Sequence[str], row: int | None, sheet: str, start: int) -> Iterable[Finding]:
    first: dict[str, int] = {}
    for position, heading in enumerate(headings, start=start):
        key = as_duckdb_compares(heading)
        if not heading.strip():
            yield rules.BLANK_HEADING.finding(sheet=sheet, row=row, position=position)
        elif key == ROW:
            yield rules.RESERVED_HEADING.finding(sheet=sheet, row=row, column=heading)
        elif key in first:
            yield rules.DUPLICATE_HEADING.finding(
                sheet=sheet, row=row, column=heading, first=first[key], second=position
            )
        else:
            first[key] = position


def check_headings(headings: Sequence[str], *, row: int | None, sheet: str = "", start: int = 1) -> tuple[str, ...]:
    """The headings, if none is blank and no two are equal; the first stands in the source's column `start`.

    Raises:
        UnreadableError: with one finding per fault.
    """
    faults = list(_faults(headings, row, sheet, start))
    if faults:
        raise UnreadableError(*faults)
    return tuple(headings)
