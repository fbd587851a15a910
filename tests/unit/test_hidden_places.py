"""Personal data that a workbook carries along outside its table: found with its place, and starred out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from pipelines.sources.headings import expect
from pipelines.sources.reading import Reading
from pipelines.sources.workbook import read_workbook
from quality.rules.hidden_places import HIDDEN_CELLS, HIDDEN_PERSONAL_DATA
from resource_catalog.entry import Source

ID = "310101189912310017"
Change = Callable[[Workbook], None]


def _read(folder: Path, change: Change, name: str = "数据.xlsx") -> Reading:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "数据"
    for row in (["编号", "备注"], ["1", "甲"], ["2", "乙"]):
        sheet.append(row)
    change(workbook)
    workbook.save(folder / name)
    with duckdb.connect() as connection:
        return read_workbook(connection, folder / name, Source(path=name, sheet="数据"), expected=expect((), {}))


def _comment(workbook: Workbook) -> None:
    workbook["数据"]["B3"].comment = Comment(f"身份证{ID}", "")


def _hidden_sheet(workbook: Workbook) -> None:
    hidden = workbook.create_sheet("草稿")
    hidden.sheet_state = "hidden"
    hidden["C4"] = "联系人13800000000"


def _number_in_hidden_sheet(workbook: Workbook) -> None:
    hidden = workbook.create_sheet("草稿")
    hidden.sheet_state = "veryHidden"
    hidden["A1"] = 13800000000


def _properties(workbook: Workbook) -> None:
    workbook.properties.description = f"{ID}的材料"


def _sheet_name(workbook: Workbook) -> None:
    workbook.create_sheet("张三13800000000")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_comment, ("数据", 3, "B")),
        (_hidden_sheet, ("草稿", 4, "C")),
        (_number_in_hidden_sheet, ("草稿", 1, "A")),
        (_properties, ("", None, "")),
        (_sheet_name, ("", None, "")),
    ],
)
def test_each_place_is_looked_at(tmp_path: Path, change: Change, place: tuple[str, int | None, str]) -> None:
    read = _read(tmp_path, change)
    (found,) = read.findings
    assert found.rule == HIDDEN_PERSONAL_DATA.code
    assert (found.sheet, found.row, found.column) == place
    assert set(found.value or "") == {"*"}
    assert ID not in found.message
    assert read.rows == 2


def test_the_files_own_name_is_one(tmp_path: Path) -> None:
    (found,) = _read(tmp_path, lambda workbook: None, "张三13800000000.xlsx").findings
    assert found.rule == HIDDEN_PERSONAL_DATA.code


def test_a_sheet_that_people_see_is_another_tables_source(tmp_path: Path) -> None:
    def visible(workbook: Workbook) -> None:
        workbook.create_sheet("另一表")["A1"] = ID

    assert _read(tmp_path, visible).findings == ()


def test_harmless_comments_and_sheets_are_none(tmp_path: Path) -> None:
    def harmless(workbook: Workbook) -> None:
        workbook["数据"]["A1"].comment = Comment("见第3页，电话021-64220000", "")
        workbook.create_sheet("说明").sheet_state = "hidden"

    assert _read(tmp_path, harmless).findings == ()


def test_hidden_rows_and_columns_of_the_table_are_told(tmp_path: Path) -> None:
    def hide(workbook: Workbook) -> None:
        workbook["数据"].row_dimensions[3].hidden = True
        workbook["数据"].column_dimensions["B"].hidden = True

    read = _read(tmp_path, hide)
    assert [(found.rule, found.row, found.column) for found in read.findings] == [
        (HIDDEN_CELLS.code, 3, ""),
        (HIDDEN_CELLS.code, None, "B"),
    ]
    assert read.rows == 2
