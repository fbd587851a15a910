"""What the charts of the quality report show: scores by dimension, the trend of scores, and totals by section."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.plan import TROUBLE
from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.words import Words
from quality.assessment import Assessment
from quality.score import assess_by_all, summed

#: Most points of a trend.
MOST_POINTS = 24

_ENGLISH = {
    "规范性": "Conformity", "完整性": "Completeness", "准确性": "Accuracy", "一致性": "Consistency",
    "时效性": "Timeliness", "可访问性": "Accessibility",
}  # fmt: skip


@dataclass(frozen=True)
class DimensionScore:
    """A dimension's score of the datasets that it was judged of, together; None where there is none."""

    words: Words
    score: float | None
    datasets: int


@dataclass(frozen=True)
class TrendPoint:
    """The mean score at the end of a day, or of a release; `label` says which."""

    label: str
    score: float


@dataclass(frozen=True)
class Trend:
    """Points from left to right, and the line through them in a box of 100 × 40; scores from `low` to 100."""

    points: tuple[TrendPoint, ...]
    low: float
    line: tuple[tuple[float, float], ...]

    @property
    def path(self) -> str:
        """The line as the points of an SVG polyline."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.line)


@dataclass(frozen=True)
class SectionTotal:
    """What one section has to mend."""

    owner: str
    datasets: int
    invalid: int
    must: int
    should: int
    score: float | None


def mean(scores: Iterable[float | None]) -> float | None:
    """The mean of the scores that are known, to two digits; None where none is."""
    known = [score for score in scores if score is not None]
    return round(sum(known) / len(known), 2) if known else None


def together(inspected: Iterable[InspectedDataset], profile: str) -> Assessment:
    """The datasets' scores as those of one table: A and B are sums, so that a large dataset counts for more."""
    return assess_by_all(summed(one.quality.counted for one in inspected), profile)[0]


def dimension_scores(inspected: Sequence[InspectedDataset], profile: str) -> list[DimensionScore]:
    """A score for each dimension of the profile, of all datasets together."""
    found = []
    for name, score in together(inspected, profile).dimensions.items():
        judged = sum(one.quality.dimensions.get(name) is not None for one in inspected)
        found.append(DimensionScore(Words(name, _ENGLISH.get(name, "")), score, judged))
    return found


def agency_trend(inspected: Sequence[InspectedDataset], today: datetime.date) -> Trend | None:
    """The mean of all datasets' latest scores at the end of each day on which one was published, and now.

    None where no dataset was published before.
    """
    days = sorted({past.day for one in inspected for past in one.history})
    latest: dict[str, float] = {}
    points = []
    for day in days:
        latest |= {one.dataset: past.score for one in inspected for past in one.history if past.day == day}
        points.append(TrendPoint(day.isoformat(), mean(latest.values()) or 0.0))
    now = mean(one.quality.score for one in inspected)
    if not points or now is None:
        return None
    return drawn([*points, TrendPoint(today.isoformat(), now)])


def dataset_trend(one: InspectedDataset) -> Trend | None:
    """A dataset's scores release by release, and now; None where it was never published."""
    if not one.history or one.quality.score is None:
        return None
    points = [TrendPoint(str(past.release), past.score) for past in one.history]
    return drawn([*points, TrendPoint("", one.quality.score)])


def drawn(points: Sequence[TrendPoint]) -> Trend:
    """The last points as a line; the scale begins at a round ten below the lowest."""
    shown = tuple(points[-MOST_POINTS:])
    low = max(0.0, min(90.0, min(point.score for point in shown) // 10 * 10))
    step = 100 / max(1, len(shown) - 1)
    line = tuple(
        (round(position * step, 2), round(40 - 40 * (point.score - low) / (100 - low), 2))
        for position, point in enumerate(shown)
    )
    return Trend(shown, low, line)


def section_totals(inspected: Sequence[InspectedDataset], profile: str) -> list[SectionTotal]:
    """A total for each section, the one with most to mend first."""
    by_owner: dict[str, list[InspectedDataset]] = {}
    for one in inspected:
        by_owner.setdefault(one.decision.owner, []).append(one)
    totals = [
        SectionTotal(
            owner,
            len(own),
            sum(one.decision.verdict in TROUBLE for one in own),
            sum(one.quality.must for one in own),
            sum(one.quality.should for one in own),
            together(own, profile).score,
        )
        for owner, own in by_owner.items()
    ]
    return sorted(totals, key=lambda total: (-total.must, -total.should, -total.invalid, total.owner))
