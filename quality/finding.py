"""A fault in the data, as a value: which rule, where, what, and what the owner can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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
class Quality:
    """What the check of one table found: examples capped per rule, counts exact."""

    rows: int
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    score: float | None = None
    dimensions: Mapping[str, float | None] = field(default_factory=dict)
    validation: Validation | None = None

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
