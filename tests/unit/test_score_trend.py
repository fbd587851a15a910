"""The score from release to release: what a page shows of it, and which scores one line may join."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.targets.static.score_trend import LENGTH, read_trend
from tests.release_factory import ReleaseFactory, make_entry, sample_rows

GB, DB31 = "GB/T 36344-2018", "DB31/T 1523-2024"


def summary(score: float | None, profile: str | None = GB) -> dict[str, Any]:
    told = {} if profile is None else {"profile": profile}
    return {"rows": 1, "score": score, "dimensions": {}, "rules": [], **told}


def trend_of(tmp_path: Path, *summaries: dict[str, Any]) -> Any:
    factory, entry = ReleaseFactory(tmp_path), make_entry("ports")
    for quality in summaries:
        factory.release(entry, sample_rows(1), quality=quality)
    return read_trend(tmp_path / "releases" / "ports", factory.publication(entry))


def test_releases_are_listed_newest_first_with_their_day(tmp_path: Path) -> None:
    trend = trend_of(tmp_path, summary(80.0), summary(100.0))
    assert [(point.release, point.score, point.at[:10]) for point in trend.points] == [
        (2, 100.0, "2017-06-02"),
        (1, 80.0, "2017-06-01"),
    ]
    assert (trend.line, trend.lowest) == ("0.00,20.00 100.00,0.00", 80)


def test_scores_of_another_profile_or_of_none_are_listed_and_not_joined(tmp_path: Path) -> None:
    trend = trend_of(tmp_path, summary(20.0, None), summary(30.0, DB31), summary(None), summary(95.0), summary(99.0))
    assert [point.profile for point in trend.points] == [GB, GB, GB, DB31, ""]
    assert (trend.line, trend.lowest) == ("0.00,10.00 100.00,2.00", 90)


def test_releases_from_before_profiles_compare_with_each_other(tmp_path: Path) -> None:
    assert trend_of(tmp_path, summary(91.0, None), summary(92.0, None)).line == "0.00,18.00 100.00,16.00"


def test_one_release_is_no_line(tmp_path: Path) -> None:
    assert trend_of(tmp_path, summary(91.0)).line == ""


def test_only_the_last_releases_are_shown(tmp_path: Path) -> None:
    trend = trend_of(tmp_path, *(summary(float(number)) for number in range(LENGTH + 3)))
    assert [point.release for point in trend.points] == list(range(LENGTH + 3, 3, -1))
    assert trend.line.count(",") == LENGTH


def test_a_release_that_lost_its_summary_has_no_score(tmp_path: Path) -> None:
    factory, entry = ReleaseFactory(tmp_path), make_entry("ports")
    for _ in range(2):
        factory.release(entry, sample_rows(1))
    (tmp_path / "releases/ports/1/quality.json").write_text("{")
    trend = read_trend(tmp_path / "releases" / "ports", factory.publication(entry))
    assert [point.score for point in trend.points] == [97.5, None]
