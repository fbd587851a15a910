"""A fault in the data, as a value: which rule, where, what, and what the owner can do."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from quality.assessment import Assessment, Counted


class Severity(StrEnum):
    """`must` blocks the dataset; `should` travels with it in its quality summary."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True)
class Finding:
    """One example of a rule broken.

    `row` is the row in the source as a person counts it there, header included, from 1; None where the finding is about
    a column or the whole table. `value` is as in the source, masked where it may be personal. `waived` says that a
    waiver lets it pass for a time.
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
    waived: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it keeps its dataset from being published."""
        return self.severity is Severity.MUST and not self.waived

    @property
    def place(self) -> str:
        """File › sheet › row › column, as far as known."""
        parts = [self.file, self.sheet, f"row {self.row}" if self.row is not None else "", self.column]
        return " › ".join(part for part in parts if part)


@dataclass(frozen=True)
class HeldBack:
    """Rows that broke `must` rules and are not published, where the entry allows it: how many, of how many.

    `rules` has per rule how many of them broke it; `findings` are examples, for the officer alone.
    """

    rows: int
    of: int
    rules: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Waived:
    """Findings of a `must` rule that don't block until a day, and who answers for it; `column` "" is any column."""

    rule: str
    column: str
    count: int
    reason: str
    person: str
    until: datetime.date


@dataclass(frozen=True)
class Validation:
    """What became of a suite: GX's validation result of it as JSON, personal values masked.

    `fell_back` names each expectation that GX itself answered, and why.
    """

    suite: str
    document: Mapping[str, Any]
    fell_back: tuple[str, ...] = ()

    @property
    def met(self) -> int:
        """How many expectations are met."""
        return sum(bool(result["success"]) for result in self.document["results"])

    @property
    def told(self) -> tuple[str, ...]:
        """The types of the expectations that are not met and, being of severity info, are told only."""
        return tuple(
            result["expectation_config"]["type"]
            for result in self.document["results"]
            if not result["success"] and result["expectation_config"]["severity"] == "info"
        )

    def summary(self) -> dict[str, Any]:
        """It in a few figures."""
        return {
            "suite": self.suite,
            "evaluated": len(self.document["results"]),
            "met": self.met,
            "told_only": list(self.told),
            "answered_by_great_expectations": list(self.fell_back),
        }


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
    """What the check of one table found: examples capped per rule, counts exact.

    `assessments` are the scores by every profile, the agency's own first, which `score` and `dimensions` are of; none
    where the table could not be read, or where the check of an earlier time is read back. `counted` is what they are
    made of, for the scores of several tables together.
    All but `held_back` is about the rows that are published; `counts` have waived findings, too.
    """

    rows: int
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    score: float | None = None
    dimensions: Mapping[str, float | None] = field(default_factory=dict)
    assessments: tuple[Assessment, ...] = ()
    counted: Mapping[str, Counted] = field(default_factory=dict)
    held_back: HeldBack | None = None
    waived: tuple[Waived, ...] = ()
    validation: Validation | None = None
    repairs: tuple[RepairLog, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many cells, rows and columns break rules of that severity."""
        return sum(number for rule, number in self.counts.items() if self.severities[rule] is severity)

    @property
    def must(self) -> int:
        """How often rules of severity `must` are broken, without what is waived."""
        return self.count(Severity.MUST) - sum(waived.count for waived in self.waived)

    @property
    def should(self) -> int:
        """How often rules of severity `should` are broken."""
        return self.count(Severity.SHOULD)

    @property
    def valid(self) -> bool:
        """No rule of severity `must` is broken but for what is waived."""
        return self.must == 0

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """The gate: the `must` rules that are broken, and block the dataset whatever its score."""
        waived: Counter[str] = Counter()
        for waiver in self.waived:
            waived[waiver.rule] += waiver.count
        must = (rule for rule, severity in self.severities.items() if severity is Severity.MUST)
        return tuple(sorted(rule for rule in must if self.counts.get(rule, 0) > waived[rule]))


def one_of_each_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as a few of them tell most: what blocks first, one of each rule before the second of any."""
    seen: Counter[str] = Counter()
    ranked = []
    for finding in findings:
        ranked.append((not finding.blocks, seen[finding.rule], finding))
        seen[finding.rule] += 1
    return [finding for *_, finding in sorted(ranked, key=lambda rank: rank[:2])]
