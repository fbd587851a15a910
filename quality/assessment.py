"""What a score is, as values: counts, indicators with A and B, dimensions, and what costs how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How an indicator's X comes from A over B; of a rate alone less is better."""

    SHARE = "share"  # A elements that satisfy, X = A/B
    RATE = "rate"  # A elements at fault, X = A/B: GB/T 36344's 0303 and 0305
    COMPLEMENT = "complement"  # A elements at fault, X = 1 − A/B: DB31/T 1523's 030300 and 030500
    MEAN = "mean"  # of its parts that were evaluated


@dataclass(frozen=True)
class Tally:
    """How many elements were judged, and how many of them failed."""

    judged: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.judged + other.judged, self.failed + other.failed)


@dataclass(frozen=True)
class Counted:
    """The elements of one indicator, and per rule those that it judged; a cell that breaks two is one."""

    whole: Tally = Tally()
    rules: Mapping[str, Tally] = field(default_factory=dict)

    def __add__(self, other: Counted) -> Counted:
        both = {**self.rules}
        for rule, tally in other.rules.items():
            both[rule] = both.get(rule, Tally()) + tally
        return Counted(self.whole + other.whole, both)


@dataclass(frozen=True)
class Indicator:
    """One indicator of a profile: what was counted, its X as the standard defines it, or why there is none.

    `value` is X in 0 … 1, None where it couldn't be evaluated, and then `reason` says why, in Chinese and English.
    `parts` are the codes of the indicators that it is the mean of.
    """

    code: str
    name: str
    name_en: str
    dimension: str
    kind: Kind
    counted: Counted | None = None
    value: float | None = None
    parts: tuple[str, ...] = ()
    reason: str = ""
    reason_en: str = ""

    @property
    def worth(self) -> float | None:
        """How good that is, in 0 … 1: X, and of a rate 1 − X."""
        if self.value is None:
            return None
        return 1 - self.value if self.kind is Kind.RATE else self.value

    @property
    def b(self) -> int | None:
        """The denominator: elements that were evaluated."""
        return self.counted.whole.judged if self.counted else None

    @property
    def a(self) -> int | None:
        """The numerator, of the elements that the standard counts for this indicator."""
        return self.numerator(self.counted.whole) if self.counted else None

    def numerator(self, tally: Tally) -> int:
        """A of some elements: those that satisfy, or those at fault."""
        return tally.judged - tally.failed if self.kind is Kind.SHARE else tally.failed


@dataclass(frozen=True)
class RuleLoss:
    """What one rule costs within one indicator: points of 100, and its counts."""

    indicator: str
    rule: str
    tally: Tally
    points: float


@dataclass(frozen=True)
class Assessment:
    """The score of 100 by one profile, its dimensions, and every indicator of it, evaluated or not.

    `lost` has, per indicator that was evaluated and is part of no other, the points of 100 that it costs; together with
    the score they are 100.
    """

    profile: str
    score: float | None
    dimensions: Mapping[str, float | None]
    indicators: tuple[Indicator, ...]
    lost: Mapping[str, float] = field(default_factory=dict)

    def indicator(self, code: str) -> Indicator:
        """The indicator of that code; KeyError where the profile has none."""
        for one in self.indicators:
            if one.code == code:
                return one
        raise KeyError(code)

    def losses(self) -> list[RuleLoss]:
        """What each rule costs in each indicator, the dearest first; rules share an indicator's points by failures."""
        found = [loss for code, points in self.lost.items() for loss in self._losses_of(self.indicator(code), points)]
        return sorted(found, key=lambda loss: (-loss.points, loss.indicator, loss.rule))

    def _losses_of(self, one: Indicator, points: float) -> Iterable[RuleLoss]:
        for part, own in self._shared_out(one, points):
            rules = part.counted.rules if part.counted else {}
            failures = sum(tally.failed for tally in rules.values())
            for rule, tally in rules.items():
                if tally.failed:
                    yield RuleLoss(part.code, rule, tally, own * tally.failed / failures)

    def _shared_out(self, one: Indicator, points: float) -> Iterable[tuple[Indicator, float]]:
        """An indicator's points on its parts, each by what it lacks."""
        if not one.parts:
            return [(one, points)]
        parts = [self.indicator(code) for code in one.parts]
        lacking = {part.code: 1 - part.worth for part in parts if part.worth is not None}
        together = sum(lacking.values())
        return [(part, points * lacking[part.code] / together) for part in parts if lacking.get(part.code)]
