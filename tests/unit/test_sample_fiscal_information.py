"""Fiscal information: sums close in every table and year, units and levels fit the lines, the clock is kept."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineSheet, CalamineWorkbook

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import is_working_day
from resource_catalog.samples.generate import DATA
from resource_catalog.samples.streams.fiscal_information import STREAM

REPOSITORY = Path(__file__).parents[2]
WORDS = REPOSITORY / "resource_catalog" / "samples" / "words"

Record = dict[str, Any]
Tables = dict[tuple[int, str], dict[str, Record]]
LEVELS = ("一级", "二级", "三级")


@pytest.fixture(scope="module")
def rows() -> list[Record]:
    return [dict(zip(STREAM.columns, row, strict=True)) for row in STREAM.rows(City(WORDS))]


@pytest.fixture(scope="module")
def tables(rows: list[Record]) -> Tables:
    """Lines by code, by year and kind of table."""
    found: Tables = defaultdict(dict)
    for row in rows:
        lines = found[row["fiscal_year"], row["table_kind"]]
        assert row["line_code"] not in lines
        lines[row["line_code"]] = row
    return found


def test_all_eight_kinds_are_there_for_three_years_each(rows: list[Record], tables: Tables) -> None:
    assert len(rows) >= 200
    years: dict[str, list[int]] = defaultdict(list)
    for year, kind in tables:
        years[kind].append(year)
    approved_at_once = dict.fromkeys(("预算", "三公经费", "政府采购", "购买服务"), [2015, 2016, 2017])
    approved_a_year_later = dict.fromkeys(("决算", "绩效", "国有资产", "政府债务"), [2014, 2015, 2016])
    assert years == approved_at_once | approved_a_year_later


def test_a_line_with_parts_is_their_sum(tables: Tables) -> None:
    sums = 0
    for lines in tables.values():
        parts: dict[str, list[Decimal]] = defaultdict(list)
        for code, line in lines.items():
            if "." in code:
                parts[code.rpartition(".")[0]].append(line["amount"])
        for code, amounts in parts.items():
            assert lines[code]["amount"] == sum(amounts), code
            sums += 1
    assert sums == 99


def test_revenue_equals_expenditure(tables: Tables) -> None:
    for (_, kind), lines in tables.items():
        if kind in ("预算", "决算"):
            assert lines["1"]["amount"] == lines["2"]["amount"] > 0


def test_levels_follow_the_codes_and_a_table_has_one_unit(tables: Tables) -> None:
    for lines in tables.values():
        assert len({line["unit"] for line in lines.values()}) == 1
        assert all(line["level"] == LEVELS[code.count(".")] for code, line in lines.items())
    assert {line["unit"] for lines in tables.values() for line in lines.values()} == {"元", "万元"}


def test_tables_are_published_within_twenty_calendar_days_of_their_approval(rows: list[Record]) -> None:
    for row in rows:
        approved, published = row["approved_on"], row["published_on"]
        assert approved < published <= approved + datetime.timedelta(days=20)
        assert is_working_day(approved)
        assert is_working_day(published)


@pytest.fixture(scope="module")
def sheet() -> CalamineSheet:
    return CalamineWorkbook.from_path(REPOSITORY / DATA / "fiscal-information.xls").get_sheet_by_name("财政信息")


def test_year_and_kind_are_merged_cells_of_the_sheet(sheet: CalamineSheet, rows: list[Record], tables: Tables) -> None:
    """A reader that doesn't fill down inside merged cells gets most rows without their year."""
    heights: dict[int, int] = defaultdict(int)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top > 2:
            assert right == left
            heights[left] += bottom - top + 1
    assert heights == {0: len(rows), 2: len(rows)}
    cells = [row[2] for row in sheet.to_python()[3 : 3 + len(rows)]]
    assert len([cell for cell in cells if cell]) == len(tables)


def test_the_amounts_of_the_sheet_are_those_of_the_lines(sheet: CalamineSheet, rows: list[Record]) -> None:
    cells = [row[5] for row in sheet.to_python()[3 : 3 + len(rows)]]
    assert [Decimal(str(cell)).quantize(Decimal("0.01")) for cell in cells] == [row["amount"] for row in rows]
