"""Spot checks hold together: draws can be replayed from open data, counts add up, coverage and clock are kept."""

from __future__ import annotations

import datetime
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.spot_checks import inspection_items, inspection_tasks, spot_checks
from resource_catalog.samples.city.working_days import add_working_days, is_working_day
from resource_catalog.samples.generate import DATA
from resource_catalog.table_schema import read_table_schema

REPOSITORY = Path(__file__).parents[2]
WORDS = REPOSITORY / "resource_catalog" / "samples" / "words"

#: The kinds that a target means where it isn't a kind itself.
ALL = "各类市场主体"

Record = dict[str, Any]


def _sheet(name: str, dataset: str) -> list[Record]:
    workbook = openpyxl.load_workbook(REPOSITORY / DATA / "spot-checks.xlsx", read_only=True)
    names = read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json").names
    rows = list(workbook[name].iter_rows(min_row=3, values_only=True))
    workbook.close()
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def items() -> dict[str, Record]:
    return {item["item_code"]: item for item in _sheet("抽查事项清单", "inspection-items")}


@pytest.fixture(scope="module")
def tasks() -> list[Record]:
    return _sheet("年度抽查任务", "inspection-tasks")


@pytest.fixture(scope="module")
def results() -> list[Record]:
    records: list[Record] = pyarrow.parquet.read_table(REPOSITORY / DATA / "inspection-results.parquet").to_pylist()
    return records


@pytest.fixture(scope="module")
def register() -> list[Record]:
    """The open columns that a replay needs, in the order of the row ids."""
    columns = ("uscc", "kind", "founded_on", "status_on")
    query = f"SELECT {', '.join(columns)} FROM enterprises ORDER BY source_row_id"  # noqa: S608 - columns from above
    with closing(sqlite3.connect(REPOSITORY / DATA / "registry.sqlite")) as database:
        return [dict(zip(columns, row, strict=True)) for row in database.execute(query)]


def _replayed(task: Record, target: str, register: list[Record]) -> list[str]:
    """The rule in the task table's description, by nothing but the open tables."""
    drawn_on = f"{task['drawn_on']:%Y-%m-%d}"
    known = [one for one in register if one["founded_on"] < drawn_on]
    chance = random.Random(task["draw_seed"])  # noqa: S311 - a draw that anyone may replay
    hit: list[str] = []
    while len(hit) < task["planned_count"]:
        one = known[chance.randrange(len(known))]
        closed = one["status_on"] and one["status_on"] <= drawn_on
        if target in (ALL, one["kind"]) and not closed and one["uscc"] not in hit:
            hit.append(one["uscc"])
    return hit


def test_the_files_hold_enough() -> None:
    city = City(WORDS)
    assert len(inspection_items(city)) == 215
    assert sum(1 for _ in inspection_tasks(city)) == 454
    assert 6_000 <= sum(1 for _ in spot_checks(city)) <= 20_000


def test_every_draw_can_be_replayed_from_the_open_tables(
    items: dict[str, Record], tasks: list[Record], results: list[Record], register: list[Record]
) -> None:
    drawn: dict[str, list[str]] = {}
    for result in sorted(results, key=lambda result: result["source_row_id"]):
        drawn.setdefault(result["task_id"], []).append(result["uscc"])
    assert drawn == {task["task_id"]: _replayed(task, items[task["item_code"]]["target"], register) for task in tasks}


def test_a_replay_needs_no_column_that_isnt_open() -> None:
    needed = {
        "enterprises": ("uscc", "kind", "founded_on", "status_on", "source_row_id"),
        "inspection-tasks": ("task_id", "item_code", "planned_count", "drawn_on", "draw_seed"),
        "inspection-items": ("item_code", "target"),
        "inspection-results": ("task_id", "uscc", "source_row_id"),
    }
    for dataset, names in needed.items():
        schema = read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")
        assert {schema.field(name).disclosure for name in names} == {"open"}


def test_what_was_planned_was_checked(tasks: list[Record], results: list[Record]) -> None:
    assert Counter(result["task_id"] for result in results) == {
        task["task_id"]: task["planned_count"] for task in tasks
    }


def test_all_items_are_covered_in_2017_as_often_and_as_widely_as_the_list_says(
    items: dict[str, Record], tasks: list[Record], register: list[Record]
) -> None:
    for code, item in items.items():
        of_item = [task for task in tasks if task["year"] == 2017 and task["item_code"] == code]
        assert len(of_item) == item["times_per_year"] >= 1
        last = f"{max(task['drawn_on'] for task in of_item):%Y-%m-%d}"
        targets = [one for one in register if one["founded_on"] < last and item["target"] in (ALL, one["kind"])]
        assert 0 < item["ratio"] <= sum(task["planned_count"] for task in of_item) / len(targets) <= 1


def test_a_directed_item_names_one_kind_and_the_others_all(items: dict[str, Record]) -> None:
    assert {(item["mode"], item["target"] == ALL) for item in items.values()} == {("定向", False), ("不定向", True)}


def test_checks_lie_within_their_task_and_results_within_the_clock(tasks: list[Record], results: list[Record]) -> None:
    by_id = {task["task_id"]: task for task in tasks}
    for result in results:
        task = by_id[result["task_id"]]
        checked, published = result["checked_on"], result["published_on"]
        assert task["planned_from"].date() <= checked <= task["planned_to"].date()
        assert checked < published <= add_working_days(checked, 20)
        assert published == result["published_at"].date()
        assert is_working_day(checked)
        assert is_working_day(published)


def test_tasks_are_drawn_after_the_list_and_before_their_checks_within_their_year(
    items: dict[str, Record], tasks: list[Record]
) -> None:
    for task in tasks:
        days = [task[name] for name in ("drawn_on", "planned_from", "planned_to")]
        assert items[task["item_code"]]["published_at"] < days[0] < days[1] < days[2]
        assert {day.year for day in days} == {task["year"]}
        assert all(is_working_day(day.date()) for day in days)


def test_who_was_closed_before_the_check_is_said_to_be(results: list[Record], register: list[Record]) -> None:
    closed_on = {one["uscc"]: one["status_on"] for one in register if one["status_on"]}
    for result in results:
        closed = closed_on.get(result["uscc"])
        gone = closed is not None and datetime.date.fromisoformat(closed) <= result["checked_on"]
        assert (result["outcome"] == "检查前已注销或者被吊销") == gone


def test_inspectors_leave_in_no_form() -> None:
    schema = read_table_schema(REPOSITORY / "schemas" / "inspection-results.schema.json")
    assert [field.name for field in schema.fields if field.disclosure != "open"] == ["inspectors"]
    assert schema.field("inspectors").disclosure == "never"


def test_a_larger_city_has_more_checks_and_no_more_tasks() -> None:
    small, large = City(WORDS), City(WORDS, 3)
    assert inspection_items(small) == inspection_items(large)
    counts = [[task.planned_count for task in inspection_tasks(city)] for city in (small, large)]
    assert len(counts[0]) == len(counts[1])
    assert 2.5 < sum(counts[1]) / sum(counts[0]) <= 3
