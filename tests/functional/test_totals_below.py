"""A total below the data is cut off, and what it says is held against the rows (standards.md 8 no. 6)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.workspace_factory import PortOffice, make_port_office, text_field

SCHEMA: dict[str, Any] = {
    "fields": [
        text_field("district", title="区", constraints={"required": True}),
        {"name": "firms", "title": "户数", "type": "integer"},
        {"name": "capital", "title": "注册资本", "type": "number", "groupChar": ","},
        {"name": "secret", "title": "内部数", "type": "integer", "disclosure": "never"},
    ],
    "primaryKey": "district",
}
ROWS = [
    ["区", "户数", "注册资本", "内部数"],
    ["浦东新区", "1200", "1,000.25", "7"],
    ["黄浦区", "300", "10.11", "8"],
]
NOTE = ["注：数据截至月底", "", "", ""]


def _csv(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


def _xlsx(file: Path, rows: list[list[str]]) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def found(root: Path, *footers: list[str], ending: str = "csv", cut: int | None = None) -> list[tuple[Any, ...]]:
    """(row, column, stated, severity) of each total that is found wrong; all of the rows themselves are sound."""
    office: PortOffice = make_port_office(root, ())
    place = f"samples/districts.{ending}"
    source = {"path": place, "footer_rows": len(footers) if cut is None else cut}
    office.add("districts", "307002/000001", SCHEMA, title="各区户数", source=source)
    (_csv if ending == "csv" else _xlsx)(office.root / "resource_catalog" / place, [*ROWS, *footers])
    facts = office.run("check").datasets["districts"]
    assert facts["rows"] == 2
    assert set(facts["counts"]) <= {"total-mismatch"}
    return [(one["row"], one["column"], one["message"], one["severity"]) for one in facts["findings"]]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_total_that_the_rows_add_up_to_is_no_finding(tmp_path: Path, ending: str) -> None:
    assert found(tmp_path, ["合  计", "1500", "1,010.36", "15"], NOTE, ending=ending) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_another_total_is_found_at_its_row_and_column(tmp_path: Path, ending: str) -> None:
    firms, capital = found(
        tmp_path, ["总计：", "1501", "1,010.4", "15"], ["合计", "1500", "1,010.39", ""], ending=ending
    )
    assert firms[:2] == (4, "户数")
    assert firms[2] == "the total '1501' below the table is not what its rows add up to: 1500"
    assert capital[:2] == (5, "注册资本")
    assert "'1,010.39'" in capital[2]
    assert "1010.36" in capital[2]
    assert {firms[3], capital[3]} == {"should"}


def test_a_total_of_some_rows_a_note_and_what_is_no_number_say_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, ["小计", "1200", "", ""], ["合计", "—", "不详", ""], NOTE) == []


def test_a_number_that_may_not_be_shown_is_not_shown(tmp_path: Path) -> None:
    ((row, column, message, _severity),) = found(tmp_path, ["合计", "", "", "16"])
    assert (row, column) == (4, "内部数")
    assert "16" not in message
    assert "15" not in message
