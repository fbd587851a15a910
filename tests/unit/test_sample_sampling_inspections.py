"""Sampling inspections: sellers are enterprises of the register, and failed items stand with failed samples alone."""

from __future__ import annotations

import datetime
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days, is_working_day
from resource_catalog.samples.streams.sampling_inspections import STREAM

REPOSITORY = Path(__file__).parents[2]
WORDS = REPOSITORY / "resource_catalog" / "samples" / "words"

Record = dict[str, Any]


def _rows(scale: int = 1) -> list[Record]:
    return [dict(zip(STREAM.columns, row, strict=True)) for row in STREAM.rows(City(WORDS, scale))]


@pytest.fixture(scope="module")
def rows() -> list[Record]:
    return _rows()


def _batches(rows: list[Record]) -> dict[str, list[Record]]:
    batches: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        batches[row["batch_no"]].append(row)
    return batches


def test_sellers_are_of_the_register_founded_before_and_not_closed(rows: list[Record]) -> None:
    register = {one.social_credit_code: one for one in City(WORDS).enterprises()}
    for row in rows:
        one = register[row["被抽检人统一社会信用代码"]]
        assert (row["被抽检人"], row["district"]) == (one.name, one.district)
        assert one.founded < row["sampled_on"]
        assert one.status_on is None or one.status_on > row["sampled_on"]


def test_failed_items_stand_with_failed_samples_alone(rows: list[Record]) -> None:
    assert {(row["result"], row["主要不合格项目"] == "/") for row in rows} == {("合格", True), ("不合格", False)}
    assert any("、" in row["主要不合格项目"] for row in rows)


def test_every_batch_has_a_headline(rows: list[Record]) -> None:
    """Failed over all: real notices say 2.8 % and 24 %."""
    shares = [sum(row["result"] == "不合格" for row in batch) / len(batch) for batch in _batches(rows).values()]
    assert len(shares) == 30
    assert all(0 <= share <= 0.6 for share in shares)
    assert 0.1 < sum(shares) / len(shares) < 0.3


def test_a_batch_is_of_one_day_and_numbered_from_one(rows: list[Record]) -> None:
    for batch in _batches(rows).values():
        assert [row["seq"] for row in batch] == list(range(1, len(batch) + 1))
        assert len({(row["sampled_on"], row["published_on"], row["lab"], row["standard"]) for row in batch}) == 1


def test_results_are_published_within_the_clock_of_the_final_result(rows: list[Record]) -> None:
    for row in rows:
        sampled, final, published = row["sampled_on"], row["valid_from"], row["published_on"]
        assert sampled < final < published <= add_working_days(final, 20)
        assert published <= LAST_DAY
        assert all(map(is_working_day, (sampled, final, published)))
        assert row["published_at"] == datetime.datetime.combine(published, datetime.time(9))


def test_numbers_stay_unique_in_a_larger_city() -> None:
    rows = _rows(scale=10)
    assert (
        len(rows)
        == len({row["report_no"] for row in rows})
        == len({(row["batch_no"], row["seq"]) for row in rows})
        == 7500
    )
    assert {len(row["report_no"]) for row in rows} == {10}
