"""A release's `quality.json`: what it says of the score, and that those from before it said so are still read."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.commands.publications import published_quality
from pipelines.formats.documents import quality_summary
from pipelines.targets.static.quality_summary import read_quality_summary
from quality.assessment import Counted, Tally
from quality.finding import Quality, Severity
from quality.score import assess_by_all
from quality.score_profiles import REGIONAL
from tests.release_factory import ReleaseFactory, make_entry, sample_rows

COUNTED = {
    "0201": Counted(Tally(50, 3), {"required": Tally(50, 3)}),
    "0303": Counted(Tally(10, 1), {"primary-key": Tally(10, 1)}),
}


def quality() -> Quality:
    assessments = assess_by_all(COUNTED, REGIONAL.name)
    own = assessments[0]
    return Quality(
        rows=10,
        counts={"number-digits": 2},
        severities={"number-digits": Severity.SHOULD},
        score=own.score,
        dimensions=own.dimensions,
        assessments=assessments,
        counted=COUNTED,
    )


def test_summary_has_profile_gate_and_every_indicator() -> None:
    document = json.loads(quality_summary(quality()))
    assert (document["profile"], document["gate"]) == (REGIONAL.name, {"blocked_by": []})
    indicators = {one["code"]: one for one in document["indicators"]}
    assert list(indicators) == [one.code for one in REGIONAL.indicators]
    filled, turned = indicators["020100"], indicators["030300"]
    assert (filled["a"], filled["b"], filled["value"], filled["reason"]) == (47, 50, 0.94, None)
    assert filled["rules"] == [{"rule": "required", "a": 47, "b": 50}]
    assert (turned["a"], turned["b"], turned["value"], turned["kind"]) == (1, 10, 0.9, "complement")
    nulls = [one for one in indicators.values() if one["value"] is None]
    assert len(nulls) == len(indicators) - 2
    assert all(one["a"] is one["b"] is one["lost"] is None and one["reason"] for one in nulls)


def test_the_same_counts_give_the_same_bytes() -> None:
    assert quality_summary(quality()) == quality_summary(quality())


def test_a_page_reads_what_a_release_says(tmp_path: Path) -> None:
    (tmp_path / "quality.json").write_text(quality_summary(quality()), encoding="utf-8")
    shown = read_quality_summary(tmp_path)
    assert shown is not None
    assert shown.profile == REGIONAL.name
    assert [(one.code, one.a, one.b) for one in shown.indicators if one.value is not None] == [
        ("020100", 47, 50),
        ("030300", 1, 10),
    ]
    assert shown.count("should") == 2


def test_a_release_from_before_indicators_is_read(tmp_path: Path) -> None:
    release = ReleaseFactory(tmp_path).release(make_entry("ports"), sample_rows(1))
    read, shown = published_quality(release), read_quality_summary(release.folder)
    assert (read.score, read.assessments, read.valid) == (97.5, (), True)
    assert shown is not None
    assert (shown.score, shown.profile, shown.indicators) == (97.5, "", ())
