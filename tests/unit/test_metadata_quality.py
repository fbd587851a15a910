"""MQA's points of a catalogue's descriptions: weights, shares, classes, and what nobody can know is left open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quality.metadata_quality import (
    DatasetFacts,
    DistributionFacts,
    MetadataScore,
    MetricScore,
    Rating,
    score_metadata,
)

AUTHORITY = "http://publications.europa.eu/resource/authority"
FULL = DistributionFacts(
    access_url="https://data.example/ports/",
    download_url="https://data.example/ports/1/ports.csv",
    format=f"{AUTHORITY}/file-type/CSV",
    media_type="https://www.iana.org/assignments/media-types/text/csv",
    licence=f"{AUTHORITY}/licence/CC_BY_4_0",
    rights=f"{AUTHORITY}/access-right/PUBLIC",
    byte_size=0,
    access_status=200,
    download_status=200,
)
WHOLE = DatasetFacts(
    keywords=("港口",),
    themes=(f"{AUTHORITY}/data-theme/TRAN",),
    spatial="示例市",
    temporal="1901-05-01",
    access_rights=f"{AUTHORITY}/access-right/PUBLIC",
    contact_point="信息中心",
    publisher="潮汐局",
    issued="2017-06-01",
    modified="2017-06-02",
    distributions=(FULL,),
    valid=True,
)


def test_a_description_with_everything_has_all_points() -> None:
    score = score_metadata([WHOLE])
    assert (score.points, score.evaluated, score.rating) == (405.0, 405, Rating.EXCELLENT)
    by_dimension: dict[str, int] = {}
    for metric in score.metrics:
        by_dimension[metric.dimension] = by_dimension.get(metric.dimension, 0) + metric.weight
    assert list(by_dimension.values()) == [100, 100, 110, 75, 20]


@pytest.mark.parametrize(
    ("missing", "points"),
    [
        ({"keywords": ()}, 30),
        ({"themes": ()}, 30),
        ({"spatial": ""}, 20),
        ({"temporal": ""}, 20),
        ({"access_rights": ""}, 15),
        ({"access_rights": "open to all"}, 5),
        ({"contact_point": ""}, 20),
        ({"publisher": ""}, 10),
        ({"issued": ""}, 5),
        ({"modified": ""}, 5),
        ({"valid": False}, 30),
    ],
)
def test_what_a_dataset_lacks_costs_its_weight(missing: dict[str, Any], points: int) -> None:
    assert score_metadata([replace(WHOLE, **missing)]).points == 405 - points


@pytest.mark.parametrize(
    ("missing", "points"),
    [
        ({"access_url": ""}, 50),
        ({"access_status": 404}, 50),
        ({"access_status": 302}, 50),
        ({"download_url": "", "download_status": None}, 50),
        ({"download_status": 500}, 30),
        ({"format": ""}, 65),
        ({"format": "CSV"}, 45),
        ({"format": f"{AUTHORITY}/file-type/XLSX"}, 20),
        ({"format": f"{AUTHORITY}/file-type/PARQUET"}, 40),
        ({"media_type": ""}, 15),
        ({"media_type": "application/x-ndjson"}, 5),
        ({"media_type": "text/csv"}, 0),
        ({"licence": ""}, 30),
        ({"licence": "https://agency.example/terms"}, 10),
        ({"rights": ""}, 5),
        ({"byte_size": None}, 5),
    ],
)
def test_what_a_distribution_lacks_costs_its_weight(missing: dict[str, Any], points: int) -> None:
    lacking = replace(WHOLE, distributions=(replace(FULL, **missing),))
    assert score_metadata([lacking]).points == 405 - points


def test_points_are_the_share_of_all_datasets_and_of_all_distributions() -> None:
    other = replace(WHOLE, temporal="", distributions=(FULL, replace(FULL, rights=""), replace(FULL, rights="")))
    score = score_metadata([WHOLE, other])
    assert score.document["lost"] == {"dct:temporal": 10.0, "dct:rights": 2.5}
    assert score.points == 392.5


@pytest.mark.parametrize(
    ("points", "rating"),
    [
        (351, Rating.EXCELLENT),
        (350.99, Rating.GOOD),
        (221, Rating.GOOD),
        (220.99, Rating.SUFFICIENT),
        (121, Rating.SUFFICIENT),
        (120.99, Rating.BAD),
        (0, Rating.BAD),
    ],
)
def test_classes_begin_at_their_points(points: float, rating: Rating) -> None:
    score = MetadataScore((MetricScore("findability", "dcat:keyword", 405, points / 405),))
    assert (score.points, score.rating, score.best_rating) == (points, rating, rating)


def test_what_nobody_knows_is_neither_given_nor_lost() -> None:
    """The points are the least; the class is told as far as it is certain."""
    unknown = replace(WHOLE, valid=None, distributions=(FULL, replace(FULL, access_status=None, download_status=None)))
    score = score_metadata([unknown])
    assert (score.points, score.evaluated) == (295.0, 295)
    assert (score.rating, score.best_rating) == (Rating.GOOD, Rating.EXCELLENT)
    assert score.document["lost"] == {}
    assert list(score.document["not_evaluated"]) == ["dcat:accessURL answers", "dcat:downloadURL answers", "DCAT-AP"]
    assert "1 of 2" in score.document["not_evaluated"]["dcat:accessURL answers"]


def test_a_dataset_without_distributions_is_judged_by_itself() -> None:
    score = score_metadata([replace(WHOLE, distributions=())])
    assert (score.points, score.evaluated) == (185.0, 185)


def test_an_empty_catalogue_has_no_points_to_give() -> None:
    score = score_metadata([])
    assert (score.points, score.evaluated, score.rating) == (0.0, 0, Rating.BAD)
