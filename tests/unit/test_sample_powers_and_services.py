"""Lists of powers, duties and services: references hold, versions follow changes, and the document's rules are kept."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import add_working_days, is_working_day
from resource_catalog.samples.generate import DATA
from resource_catalog.samples.streams.power_list import STREAM as POWER_LIST
from resource_catalog.samples.streams.service_items import STREAM as SERVICE_ITEMS
from resource_catalog.table_schema import TableSchema, read_table_schema

REPOSITORY = Path(__file__).parents[2]
WORDS = REPOSITORY / "resource_catalog" / "samples" / "words"

Record = dict[str, Any]
FIRST = datetime.date(2016, 3, 1)


def _schema(dataset: str) -> TableSchema:
    return read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")


def _table(name: str) -> list[Record]:
    with closing(sqlite3.connect(REPOSITORY / DATA / "powers.sqlite")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT * FROM {name}")]  # noqa: S608 - names from here


@pytest.fixture(scope="module")
def powers() -> list[Record]:
    return _table("power_list")


@pytest.fixture(scope="module")
def services() -> list[Record]:
    return [dict(zip(SERVICE_ITEMS.columns, row, strict=True)) for row in SERVICE_ITEMS.rows(City(WORDS))]


def test_powers_have_each_their_code_and_name(powers: list[Record]) -> None:
    assert len(powers) == len({power["power_code"] for power in powers}) == len({power["name"] for power in powers})
    assert len(powers) >= 200


def test_a_code_tells_the_kind_by_its_letter(powers: list[Record]) -> None:
    letters = Counter((power["kind"], power["power_code"][5]) for power in powers)
    assert len(letters) == len({kind for kind, _ in letters}) == len({letter for _, letter in letters}) >= 8


def test_a_change_makes_a_new_version_that_is_published_in_time(powers: list[Record]) -> None:
    changed = [power for power in powers if power["change"]]
    assert {power["change"] for power in changed} == {"取消", "下放", "承接", "新增", "调整"}
    for power in changed:
        day = datetime.date.fromisoformat(power["changed_on"])
        published = datetime.date.fromisoformat(power["published_at"][:10])
        assert FIRST < day < published <= add_working_days(day, 20)
        assert is_working_day(day)
        assert power["valid_from"] == power["changed_on"]
        assert power["record_version"] == (1 if power["change"] == "新增" else 2)


def test_a_power_that_stands_as_first_published_has_no_change(powers: list[Record]) -> None:
    for power in powers:
        if power["change"] is None:
            assert (power["changed_on"], power["record_version"], power["valid_from"]) == (None, 1, FIRST.isoformat())


def test_only_what_was_abolished_is_out_of_force(powers: list[Record]) -> None:
    assert {(power["change"] == "取消", power["status"]) for power in powers} == {(True, "取消"), (False, "有效")}


def test_every_power_has_duties_numbered_from_one(powers: list[Record]) -> None:
    numbers: dict[str, list[int]] = {}
    for duty in _table("duty_list"):
        numbers.setdefault(duty["power_code"], []).append(duty["duty_no"])
    assert set(numbers) == {power["power_code"] for power in powers}
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert min(map(len, numbers.values())) >= 3


def test_duties_are_as_old_as_their_power(powers: list[Record]) -> None:
    versions = {power["power_code"]: (power["record_version"], power["published_at"]) for power in powers}
    assert all(
        versions[duty["power_code"]] == (duty["record_version"], duty["published_at"]) for duty in _table("duty_list")
    )


def test_the_lists_are_the_same_in_a_larger_city() -> None:
    assert list(POWER_LIST.rows(City(WORDS))) == list(POWER_LIST.rows(City(WORDS, 10)))


def test_the_promised_time_is_within_the_legal_one(services: list[Record]) -> None:
    assert len(services) == len({service["name"] for service in services}) >= 200
    assert all(0 <= service["promised_days"] <= service["legal_days"] for service in services)


def test_a_fee_has_a_basis_and_only_a_fee(services: list[Record]) -> None:
    assert {(service["fee"], service["fee_basis"] is None) for service in services} == {(True, False), (False, True)}


def test_materials_are_lists_of_names(services: list[Record]) -> None:
    for service in services:
        materials = json.loads(service["materials"])
        assert materials
        assert all(isinstance(material, str) for material in materials)


def test_the_services_sheet_is_one_that_officers_make(services: list[Record]) -> None:
    """Title, subtitle, headings of two rows with groups; below the data a total that is right, and notes."""
    sheet = openpyxl.load_workbook(REPOSITORY / DATA / "service-items.xlsx").active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert [cell for cell in rows[2] if cell in ("办理时限", "收费")] == ["办理时限", "收费"]
    assert rows[3].count(None) > 0
    assert {"法定期限", "承诺期限", "是否收费", "收费依据"} <= set(rows[3])
    assert [row[0] for row in rows[4 + len(services) :]] == [
        f"合计：{len(services)}项",
        "注：承诺办理时限为0的，当场办结。",
        "填表人：示例",
    ]
    assert "D3:E3" in {str(block) for block in sheet.merged_cells.ranges}


def test_nothing_personal_is_in_the_lists() -> None:
    for dataset in ("power-list", "duty-list", "service-items"):
        assert {field.disclosure for field in _schema(dataset).fields} == {"open"}
    pattern = _schema("duty-list").field("supervision_phone").constraints.pattern
    assert pattern == "0[0-9]{2,3}-[0-9]{7,8}", "an office line, no mobile"
