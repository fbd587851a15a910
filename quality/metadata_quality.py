"""Scores what a catalogue's DCAT says of its datasets, as data.europa's Metadata Quality Assessment (MQA) counts it.

Weights and ratings: standards.md 2.2, 405 points in five dimensions. A metric's points are its weight times the share
of the population, all datasets or all their distributions, that has it. This is the stricter reading: for
interoperability data.europa itself counts the best distribution of a dataset alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quality.metadata_terms import (
    ACCESS_RIGHTS,
    FILE_TYPE,
    LICENCE,
    MACHINE_READABLE,
    MEDIA_TYPE,
    NON_PROPRIETARY,
    REGISTERED_MEDIA_TYPES,
)

TOTAL = 405


class Rating(StrEnum):
    """MQA's classes, best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    SUFFICIENT = "sufficient"
    BAD = "bad"


_LOWEST = {Rating.EXCELLENT: 351, Rating.GOOD: 221, Rating.SUFFICIENT: 121, Rating.BAD: 0}


@dataclass(frozen=True)
class DistributionFacts:
    """What DCAT says of a distribution, "" where nothing; a status is what its address answers, None if none asked."""

    access_url: str = ""
    download_url: str = ""
    format: str = ""
    media_type: str = ""
    licence: str = ""
    rights: str = ""
    byte_size: int | None = None
    access_status: int | None = None
    download_status: int | None = None


@dataclass(frozen=True)
class DatasetFacts:
    """What DCAT says of a dataset, "" where nothing; `valid`: as DCAT-AP's shapes ask, None if none held it to them."""

    keywords: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    spatial: str = ""
    temporal: str = ""
    access_rights: str = ""
    contact_point: str = ""
    publisher: str = ""
    issued: str = ""
    modified: str = ""
    distributions: tuple[DistributionFacts, ...] = ()
    valid: bool | None = None


@dataclass(frozen=True)
class MetricScore:
    """What one metric gives; `share` is None where it could not be evaluated, and `reason` says why."""

    dimension: str
    name: str
    weight: int
    share: float | None
    reason: str = ""

    @property
    def points(self) -> float | None:
        """The weight times the share."""
        return None if self.share is None else self.weight * self.share


@dataclass(frozen=True)
class MetadataScore:
    """All metrics; the points are those of the metrics that could be evaluated, and so at least what MQA gives."""

    metrics: tuple[MetricScore, ...]

    @property
    def points(self) -> float:
        """Points, to a hundredth."""
        return round(sum(one.points or 0 for one in self.metrics), 2)

    @property
    def evaluated(self) -> int:
        """The points that could be had from the metrics that were evaluated; 405 where all were."""
        return sum(one.weight for one in self.metrics if one.share is not None)

    @property
    def rating(self) -> Rating:
        """The class that is certain, whatever the metrics that were not evaluated would give."""
        return _rating(self.points)

    @property
    def best_rating(self) -> Rating:
        """The class if those gave all their points."""
        return _rating(self.points + TOTAL - self.evaluated)

    @property
    def dimensions(self) -> dict[str, tuple[float, int]]:
        """Dimension → its points, and those that could be had from its metrics that were evaluated."""
        known: dict[str, tuple[float, int]] = {}
        for one in self.metrics:
            points, evaluated = known.get(one.dimension, (0.0, 0))
            weight = 0 if one.share is None else one.weight
            known[one.dimension] = (round(points + (one.points or 0), 2), evaluated + weight)
        return known

    @property
    def document(self) -> dict[str, Any]:
        """As JSON: the sums, and by metric the points that are missing and what was not evaluated."""
        known = [one for one in self.metrics if one.points is not None]
        return {
            "points": self.points,
            "evaluated": self.evaluated,
            "total": TOTAL,
            "rating": self.rating.value,
            "best_rating": self.best_rating.value,
            "lost": {one.name: round(one.weight - (one.points or 0), 2) for one in known if one.share != 1},
            "not_evaluated": {one.name: one.reason for one in self.metrics if one.share is None},
        }


def _rating(points: float) -> Rating:
    return next(rating for rating, lowest in _LOWEST.items() if points >= lowest)


#: What a metric says of each of its population in one dataset: it has it, it lacks it, or nobody knows.
_Judge = Callable[[DatasetFacts], Iterable[bool | None]]


@dataclass(frozen=True)
class _Metric:
    dimension: str
    name: str
    weight: int
    judge: _Judge
    unknown: str = ""


def _each(*tests: Callable[[DistributionFacts], bool | None]) -> _Judge:
    return lambda dataset: [test(one) for one in dataset.distributions for test in tests]


def _answers(address: str, status: int | None) -> bool | None:
    if not address:
        return False
    return None if status is None else 200 <= status < 300


def _file_type(distribution: DistributionFacts) -> str:
    """The code of the EU's file type; "" where the format is none of its terms."""
    is_term = distribution.format.startswith(FILE_TYPE)
    return distribution.format.removeprefix(FILE_TYPE) if is_term else ""


def _is_registered(distribution: DistributionFacts) -> bool:
    return distribution.media_type.removeprefix(MEDIA_TYPE) in REGISTERED_MEDIA_TYPES


_NO_ANSWER = "its address was not asked for over HTTP"
_FIND, _ACCESS, _USE, _REUSE, _CONTEXT = (
    "findability", "accessibility", "interoperability", "reusability", "contextuality",
)  # fmt: skip
_METRICS = (
    _Metric(_FIND, "dcat:keyword", 30, lambda one: [bool(one.keywords)]),
    _Metric(_FIND, "dcat:theme", 30, lambda one: [bool(one.themes)]),
    _Metric(_FIND, "dct:spatial", 20, lambda one: [bool(one.spatial)]),
    _Metric(_FIND, "dct:temporal", 20, lambda one: [bool(one.temporal)]),
    _Metric(
        _ACCESS,
        "dcat:accessURL answers",
        50,
        _each(lambda one: _answers(one.access_url, one.access_status)),
        _NO_ANSWER,
    ),
    _Metric(_ACCESS, "dcat:downloadURL", 20, _each(lambda one: bool(one.download_url))),
    _Metric(
        _ACCESS,
        "dcat:downloadURL answers",
        30,
        _each(lambda one: _answers(one.download_url, one.download_status)),
        _NO_ANSWER,
    ),
    _Metric(_USE, "dct:format", 20, _each(lambda one: bool(one.format))),
    _Metric(_USE, "dcat:mediaType", 10, _each(lambda one: bool(one.media_type))),
    _Metric(
        _USE, "dct:format, dcat:mediaType from vocabulary", 10, _each(lambda one: bool(_file_type(one)), _is_registered)
    ),
    _Metric(_USE, "dct:format non-proprietary", 20, _each(lambda one: _file_type(one) in NON_PROPRIETARY)),
    _Metric(_USE, "dct:format machine-readable", 20, _each(lambda one: _file_type(one) in MACHINE_READABLE)),
    _Metric(_USE, "DCAT-AP", 30, lambda one: [one.valid], "it was not held against the shapes of DCAT-AP"),
    _Metric(_REUSE, "dct:license", 20, _each(lambda one: bool(one.licence))),
    _Metric(_REUSE, "dct:license from vocabulary", 10, _each(lambda one: one.licence.startswith(LICENCE))),
    _Metric(_REUSE, "dct:accessRights", 10, lambda one: [bool(one.access_rights)]),
    _Metric(_REUSE, "dct:accessRights from vocabulary", 5, lambda one: [one.access_rights in ACCESS_RIGHTS]),
    _Metric(_REUSE, "dcat:contactPoint", 20, lambda one: [bool(one.contact_point)]),
    _Metric(_REUSE, "dct:publisher", 10, lambda one: [bool(one.publisher)]),
    _Metric(_CONTEXT, "dct:rights", 5, _each(lambda one: bool(one.rights))),
    _Metric(_CONTEXT, "dcat:byteSize", 5, _each(lambda one: one.byte_size is not None)),
    _Metric(_CONTEXT, "dct:issued", 5, lambda one: [bool(one.issued)]),
    _Metric(_CONTEXT, "dct:modified", 5, lambda one: [bool(one.modified)]),
)


def _score(metric: _Metric, datasets: Sequence[DatasetFacts]) -> MetricScore:
    """A metric's share; not judged is not zero, so one unknown member or an empty population leaves it open."""
    judged = [verdict for dataset in datasets for verdict in metric.judge(dataset)]
    unknown = judged.count(None)
    reason = f"{metric.unknown} ({unknown} of {len(judged)})" if unknown else "there is nothing to judge"
    if unknown or not judged:
        return MetricScore(metric.dimension, metric.name, metric.weight, None, reason)
    return MetricScore(metric.dimension, metric.name, metric.weight, judged.count(True) / len(judged))


def score_metadata(datasets: Sequence[DatasetFacts]) -> MetadataScore:
    """The points of a catalogue, or of one dataset, for what its DCAT says; asks no server and reads no file.

    Args:
        datasets: What DCAT says of each, as it is served or as it would be.
    """
    return MetadataScore(tuple(_score(metric, datasets) for metric in _METRICS))
