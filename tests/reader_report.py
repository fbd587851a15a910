"""What readers of a portal got, counted: reads by kind and verdict, the slowest, first examples of each fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.release_verdicts import WRONG, Verdict

_EXAMPLES = 3  # of each kind of read and verdict


@dataclass(frozen=True)
class Example:
    """One read that was not whole. `seconds` are since the reader's start; `before`, `after`: releases then named."""

    kind: str
    verdict: Verdict
    why: str
    reader: int
    seconds: float
    before: int | None
    after: int | None


@dataclass
class Report:
    """The reads of one reader, or of several. Times in seconds."""

    readers: int = 0
    seconds: float = 0.0
    counts: dict[str, Counter[Verdict]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    releases: set[int] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    search_lag: float = 0.0  # the longest time that search showed the release before

    def record(self, example: Example, waited: float) -> None:
        """Count one read; it is kept as an example where it was not whole and is among the first."""
        kind, verdict = example.kind, example.verdict
        counts = self.counts.setdefault(kind, Counter())
        counts[verdict] += 1
        self.slowest[kind] = max(waited, self.slowest.get(kind, 0.0))
        if verdict is not Verdict.WHOLE and counts[verdict] <= _EXAMPLES:
            self.examples.append(example)

    @property
    def reads(self) -> int:
        """All reads."""
        return sum(sum(counts.values()) for counts in self.counts.values())

    def total(self, verdict: Verdict) -> int:
        """Reads with that verdict."""
        return sum(counts[verdict] for counts in self.counts.values())

    @property
    def wrong(self) -> int:
        """Reads that no reader may ever get."""
        return sum(self.total(verdict) for verdict in WRONG)

    def document(self) -> dict[str, Any]:
        """The report as JSON; `from_document` reads it."""
        return {
            "readers": self.readers,
            "seconds": round(self.seconds, 3),
            "reads": self.reads,
            "wrong": self.wrong,
            "counts": {kind: dict(counts) for kind, counts in self.counts.items()},
            "slowest": {kind: round(seconds, 3) for kind, seconds in self.slowest.items()},
            "releases": sorted(self.releases),
            "examples": [vars(example) for example in self.examples],
            "left_out": self.left_out,
            "search_lag": round(self.search_lag, 3),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Report:
        """The report that `document` wrote."""
        counts = document["counts"].items()
        return cls(
            readers=document["readers"],
            seconds=document["seconds"],
            counts={kind: Counter({Verdict(verdict): many for verdict, many in one.items()}) for kind, one in counts},
            slowest=dict(document["slowest"]),
            releases=set(document["releases"]),
            examples=[Example(**{**one, "verdict": Verdict(one["verdict"])}) for one in document["examples"]],
            left_out=dict(document["left_out"]),
            search_lag=document["search_lag"],
        )

    @classmethod
    def of_all(cls, reports: Iterable[Report]) -> Report:
        """Several readers' reads together, with the first examples of all."""
        whole = cls()
        for report in reports:
            whole.readers += report.readers
            whole.seconds = max(whole.seconds, report.seconds)
            whole.search_lag = max(whole.search_lag, report.search_lag)
            whole.releases |= report.releases
            whole.left_out |= report.left_out
            whole.examples += report.examples
            for kind, counts in report.counts.items():
                whole.counts.setdefault(kind, Counter()).update(counts)
                whole.slowest[kind] = max(report.slowest[kind], whole.slowest.get(kind, 0.0))
        whole.examples = _first(whole.examples)
        return whole


def _first(examples: list[Example]) -> list[Example]:
    """Of each kind and verdict the first in time."""
    kept: list[Example] = []
    seen: Counter[tuple[str, Verdict]] = Counter()
    for example in sorted(examples, key=lambda one: one.seconds):
        seen[example.kind, example.verdict] += 1
        if seen[example.kind, example.verdict] <= _EXAMPLES:
            kept.append(example)
    return kept
