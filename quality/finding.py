"""A fault in the data, as a value: which rule, where, what, and what the owner can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """`must` blocks the dataset; `should` travels with it in its quality summary."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True)
class Finding:
    """One example of a rule broken.

    `row` is the row in the source as a person counts it there, header included, from 1; None where the finding is about
    a column or the whole table. `value` is as in the source, masked where it may be personal.
    """

    rule: str
    severity: Severity
    dataset: str
    message: str
    fix: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str | None = None
    owner: str = ""

    @property
    def place(self) -> str:
        """File › sheet › row › column, as far as known."""
        parts = [self.file, self.sheet, f"row {self.row}" if self.row is not None else "", self.column]
        return " › ".join(part for part in parts if part)


@dataclass(frozen=True)
class RepairedCell:
    """One cell before and after a declared repair, masked where it may be personal; None is no value."""

    row: int
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RepairLog:
    """What one declared repair changed in one column: how many cells, exactly, and the first of them.

    `column` is as in the source, "" where whole rows went; `public` says whether the column is one that readers see.
    """

    repair: str
    column: str
    count: int
    cells: tuple[RepairedCell, ...] = ()
    public: bool = True


@dataclass(frozen=True)
class Quality:
    """What the check of one table found: examples capped per rule, counts exact."""

    rows: int
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    score: float | None = None
    dimensions: Mapping[str, float | None] = field(default_factory=dict)
    repairs: tuple[RepairLog, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many cells, rows and columns break rules of that severity."""
        return sum(number for rule, number in self.counts.items() if self.severities[rule] is severity)

    @property
    def must(self) -> int:
        """How often rules of severity `must` are broken."""
        return self.count(Severity.MUST)

    @property
    def should(self) -> int:
        """How often rules of severity `should` are broken."""
        return self.count(Severity.SHOULD)

    @property
    def valid(self) -> bool:
        """No rule of severity `must` is broken."""
        return self.must == 0


def one_of_each_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as a few of them tell most: `must` before `should`, one of each rule before the second of any."""
    seen: Counter[str] = Counter()
    ranked = []
    for finding in findings:
        ranked.append((finding.severity is not Severity.MUST, seen[finding.rule], finding))
        seen[finding.rule] += 1
    return [finding for *_, finding in sorted(ranked, key=lambda rank: rank[:2])]
