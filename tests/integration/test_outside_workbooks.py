"""Workbooks that nobody here wrote: each ends in a table or a named refusal, and has the size that others say."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.headings import Expected
from pipelines.sources.reading import Reading, UnreadableError
from pipelines.sources.workbook import read_workbook
from quality.table import EXTRACT
from resource_catalog.entry import Source

INPUTS = Path(os.environ.get("OPENDATA_INPUTS") or Path(__file__).resolve().parents[3] / "shared" / "inputs")
EXPECTED: dict[str, dict[str, Any]] = json.loads((INPUTS / "expected.json").read_text(encoding="utf-8"))
WORKBOOKS = sorted(name for name in EXPECTED if name.endswith((".xlsx", ".xls", ".ods")))
SHEETS = [(name, sheet, size) for name in WORKBOOKS for sheet, size in EXPECTED[name].get("sheets", {}).items()]

#: What each refused sheet is refused for, when it is read with no word about it.
REFUSED = {
    ("issue-1024.xlsx", "IPC"): "blank-heading",  # two notes stand above the table
    ("issue-320.xlsx", "IPC"): "blank-heading",
    ("issue320.xlsx", "IPC"): "blank-heading",
    ("issue-312.xlsx", "invalid"): "blank-heading",
    ("sheet2.xls", "Sheet1"): "empty-sheet",
    ("sheet2.xlsx", "Sheet1"): "empty-sheet",
    ("skip-rows.xlsx", "Sheet 1"): "duplicate-heading",  # a merged title stands above the table
    ("multiline-headers.xlsx", "Лист1"): "duplicate-heading",
}


def read(tmp_path: Path, file: Path, **source: Any) -> tuple[Reading, list[tuple[Any, ...]]]:
    with open_work(tmp_path / "work.duckdb") as connection:
        reading = read_workbook(connection, file, Source(path=file.name, **source), expected=Expected())
        return reading, connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()


def test_there_are_workbooks_to_read() -> None:
    assert len(WORKBOOKS) > 25
    assert len(SHEETS) > 25


@pytest.mark.parametrize(("name", "sheet", "size"), SHEETS)
def test_each_sheet_has_the_size_that_others_found(
    tmp_path: Path, name: str, sheet: str, size: tuple[int, int]
) -> None:
    rows, columns = size
    case = (Path(name).name, sheet)
    if case in REFUSED:
        with pytest.raises(UnreadableError) as caught:
            read(tmp_path, INPUTS / name, sheet=sheet)
        assert REFUSED[case] in {finding.rule for finding in caught.value.findings}
        return
    reading, _ = read(tmp_path, INPUTS / name, sheet=sheet)
    assert (reading.rows, len(reading.headings)) == (rows - 1, columns)
    assert not reading.findings


@pytest.mark.parametrize("name", [name for name in WORKBOOKS if not EXPECTED[name].get("sheets")])
def test_workbooks_of_unknown_size_are_read_too(tmp_path: Path, name: str) -> None:
    reading, _ = read(tmp_path, INPUTS / name)
    assert reading.headings
    assert reading.rows > 0


def test_headings_over_five_rows_are_joined(tmp_path: Path) -> None:
    file = INPUTS / "csv-messy/tabulator/multiline-headers.xlsx"
    reading, rows = read(tmp_path, file, header_row=(1, 5))
    assert reading.headings == (
        "Region",
        "Caloric contribution_(%)",
        "Cumulative impact of changes on cost of food basket_from previous quarter",
        "Cumulative impact of changes on cost of food basket_from baseline (%)",
    )
    assert rows == [(6, "A", "B", "C", "D")]


def test_a_title_and_a_total_are_passed_over_where_the_entry_says_so(tmp_path: Path) -> None:
    file = INPUTS / "csv-messy/tabulator/skip-rows.xlsx"
    reading, rows = read(tmp_path, file, header_row=2, footer_rows=1)
    assert (reading.headings, rows) == (("A", "B"), [(3, "8", "9")])


def test_dates_and_numbers_of_xls_and_ods(tmp_path: Path) -> None:
    _, rows = read(tmp_path, INPUTS / "csv-messy/tabulator/table-with-ints-floats-dates.xls")
    assert rows[0] == (2, "2013", "3.3", "2009-08-16")
    _, rows = read(tmp_path, INPUTS / "csv-messy/tabulator/table-with-ints-floats-dates.ods")
    assert rows[0] == (2, "2013", "3.3", "2009-08-16", "2009-08-16T05:43:21")


def test_an_error_cell_of_xls_is_kept_and_reported(tmp_path: Path) -> None:
    """A real XLS in which the cached result of one formula, true, is turned into #REF! by two bytes."""
    original = (INPUTS / "csv-messy/tabulator/table-with-booleans.xls").read_bytes()
    record = re.compile(rb"(\x06\x00..\x01\x00\x01\x00..)\x01\x00\x01\x00\x00\x00\xff\xff", re.DOTALL)
    changed, times = record.subn(lambda found: found[1] + b"\x02\x00\x17\x00\x00\x00\xff\xff", original)
    assert times == 1
    file = tmp_path / "error.xls"
    file.write_bytes(changed)
    reading, rows = read(tmp_path, file)
    assert rows == [(2, "1", "#REF!"), (3, "2", "false")]
    assert [(finding.rule, finding.row, finding.column) for finding in reading.findings] == [
        ("cell-error", 2, "boolean")
    ]
