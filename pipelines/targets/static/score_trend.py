"""How a dataset's score went from release to release, ready for a page: a table, and a line where scores compare."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.handover import Publication
from pipelines.targets.instant import release_instant

#: Releases that a page shows, the last ones; all are in the change log.
LENGTH = 24
#: Width and height of the line's own coordinates.
_WIDTH, _HEIGHT = 100, 20


@dataclass(frozen=True)
class TrendPoint:
    """One release: when it was published, its score of 100, and the profile that made it; "" from before these."""

    release: int
    at: str
    score: float | None
    profile: str


@dataclass(frozen=True)
class Trend:
    """The last releases, newest first; `line` has the points of an SVG polyline, oldest first, or is "".

    The line is of the releases that were scored by the profile of the newest, for others do not compare; its height
    goes from `lowest` to 100.
    """

    points: tuple[TrendPoint, ...]
    line: str
    lowest: int


def read_trend(folder: Path, publication: Publication) -> Trend:
    """The scores of the releases that a version keeps in `folder`, by their `quality.json`."""
    numbers = [release.number for release in publication.kept][-LENGTH:]
    points = tuple(
        _point(folder / str(number), number, release_instant(publication, number)) for number in reversed(numbers)
    )
    profile = points[0].profile if points else ""
    scores = [point.score for point in reversed(points) if point.profile == profile and point.score is not None]
    lowest = min([90, *(int(score // 10) * 10 for score in scores)])
    return Trend(points, _line(scores, lowest), lowest)


def _point(folder: Path, number: int, at: str) -> TrendPoint:
    try:
        summary: dict[str, Any] = json.loads((folder / "quality.json").read_bytes())
    except (OSError, ValueError):
        return TrendPoint(number, at, None, "")  # the proof says which byte of the release is wrong
    return TrendPoint(number, at, summary.get("score"), summary.get("profile") or "")


def _line(scores: Sequence[float], lowest: int) -> str:
    """Two decimals, so that the same scores are the same bytes."""
    if len(scores) < 2:
        return ""
    step, scale = _WIDTH / (len(scores) - 1), _HEIGHT / (100 - lowest)
    return " ".join(f"{at * step:.2f},{(100 - score) * scale:.2f}" for at, score in enumerate(scores))
