"""The samples come in the forms in which such data really comes, asserted on the files' own bytes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import olefile
import openpyxl
import pyarrow.parquet
import pytest
import yaml
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from resource_catalog.samples.stream import Columnar, Delimited, Form, Interface, Sheet, Table
from tests.sample_tables import CATALOGUE, DATA, STREAMS

_BOM = b"\xef\xbb\xbf"
#: A workbook's stream in BIFF8, the form of Excel 97 to 2003: the record BOF (0x0809) and its version.
_BIFF8 = bytes.fromhex("0908") + bytes(2) + bytes.fromhex("0006")
#: The first four bytes of a file, or the fifteen of SQLite, by its ending.
_MAGIC = {
    ".xlsx": b"PK\x03\x04",
    ".xls": bytes.fromhex("d0cf11e0"),
    ".sqlite": b"SQLite format 3",
    ".parquet": b"PAR1",
    ".json": b"{",
}


@pytest.mark.parametrize("file", sorted({stream.form.file for stream in STREAMS.values()}))
def test_a_file_is_what_its_ending_says(file: str) -> None:
    head = (DATA / file).read_bytes()[:15]
    if file.endswith(".csv"):
        assert not any(head.startswith(magic) for magic in _MAGIC.values())
    else:
        assert head.startswith(_MAGIC[Path(file).suffix])


def _listed() -> Iterator[tuple[str, str]]:
    """Each dataset that the table of streams lists, and its source's form."""
    for line in (CATALOGUE / "STREAMS.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[1].startswith("`"):
            yield cells[1].strip("`"), cells[3]


LISTED = dict(_listed())
SHEETS_OF = Counter(stream.form.file for stream in STREAMS.values() if isinstance(stream.form, Sheet))
_ENCODINGS = {"gb18030": "CSV in GB18030", "utf-8": "CSV in UTF-8", "utf-8-sig": "CSV in UTF-8 with BOM"}
_OTHER_FORMS = {Table: "SQLite table", Columnar: "Parquet", Interface: "JSON of an interface"}


def _words(form: Form) -> str:
    if isinstance(form, Delimited):
        return _ENCODINGS[form.encoding]
    if not isinstance(form, Sheet):
        return _OTHER_FORMS[type(form)]
    parts = {
        "title rows" if form.subtitle else "title row": form.title,
        "headings of two rows": form.groups,
        "merged cells": form.merged,
        "notes": form.notes,
        "one of two sheets": SHEETS_OF[form.file] == 2,
    }
    kind = "legacy XLS" if form.file.endswith(".xls") else "XLSX"
    return f"{kind}: {', '.join(part for part, present in parts.items() if present)}"


@pytest.mark.parametrize("dataset", sorted(STREAMS.keys() - {"division-codes", "official-documents"}))
def test_the_table_of_streams_says_each_form(dataset: str) -> None:
    assert LISTED[dataset] == _words(STREAMS[dataset].form)


def test_all_kinds_of_file_occur() -> None:
    assert {Path(stream.form.file).suffix for stream in STREAMS.values()} == {".csv", *_MAGIC}


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["administrative-licences.csv", "administrative-penalties.csv"])
def test_double_publicity_needs_gb18030(file: str) -> None:
    content = (DATA / file).read_bytes()
    for narrower in ("utf-8", "gbk"):
        with pytest.raises(UnicodeDecodeError):
            content.decode(narrower)
    assert any(ord(character) > 0xFFFF for character in content.decode("gb18030"))


def test_licences_hold_what_careless_readers_lose() -> None:
    text = (DATA / "administrative-licences.csv").read_bytes().decode("gb18030")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert any("\n" in row["XK_NR"] and '"' in row["XK_NR"] and "," in row["XK_NR"] for row in rows)
    assert any(row["XK_WSH"].startswith("0000") and len(row["XK_WSH"]) == 20 for row in rows)
    assert any(ord(character) > 0xFFFF for row in rows for character in row["XK_XDR"])
    assert len({row["XK_WSH"] for row in rows}) < len(rows), "no decision names two parties"
    assert {row["XK_ZT"] for row in rows} == set("0123")


@pytest.mark.parametrize(
    "dataset", ["agency-offices", "complaint-handling", "complaint-statistics", "dishonest-records", "proposals"]
)
def test_some_csv_in_utf_8_begins_with_its_mark(dataset: str) -> None:
    content = (DATA / f"{dataset}.csv").read_bytes()
    assert content.startswith(_BOM)
    assert content.count(_BOM) == 1
    content.decode("utf-8-sig")


def test_other_csv_in_utf_8_has_no_mark() -> None:
    for file in ("division-codes.csv", "opinion-response-results.csv"):
        content = (DATA / file).read_bytes()
        assert not content.startswith(_BOM)
        content.decode("utf-8")


# --- workbooks -------------------------------------------------------------------------------------------------------


def _sheets(file: str) -> list[Worksheet]:
    return [sheet for sheet in openpyxl.load_workbook(DATA / file).worksheets if isinstance(sheet, Worksheet)]


def _merged(sheet: Worksheet) -> set[str]:
    return {str(each) for each in sheet.merged_cells.ranges}


def test_both_tables_of_2018_come_as_sheets_of_one_workbook() -> None:
    sheets = _sheets("double-publicity-2018.xlsx")
    assert [sheet.title for sheet in sheets] == ["行政许可", "行政处罚"]
    for sheet in sheets:
        assert {"A1", "A2"} == {span.split(":")[0] for span in _merged(sheet) if span[:2] in ("A1", "A2")}
        assert (sheet["C3"].value, sheet["C4"].value) == ("相对人代码", "统一社会信用代码")
        # A group above its columns, and a heading of one level over both rows.
        assert {"C3:H3", "A3:A4"} <= _merged(sheet)


@pytest.mark.parametrize(
    ("file", "group", "headings", "notes"),
    [
        ("service-items.xlsx", "办理时限", ["法定期限", "承诺期限"], 3),
        ("opening-plan.xlsx", "开放关口", None, 1),
        ("disclosure-catalogue.xlsx", "事项", None, 2),
    ],
)
def test_headings_of_two_levels_stand_below_titles_and_notes_below_the_data(
    file: str, group: str, headings: list[str] | None, notes: int
) -> None:
    (sheet,) = _sheets(file)
    top = {cell.value: cell.column for cell in sheet[3] if cell.value}
    start = top[group]
    (span,) = (each for each in sheet.merged_cells.ranges if (each.min_row, each.min_col) == (3, start))
    assert (span.max_row, span.max_col > start) == (3, True)
    below = [sheet.cell(4, column).value for column in range(start, span.max_col + 1)]
    assert all(below)
    assert headings is None or below == headings
    last = [row for row in sheet.iter_rows(min_row=sheet.max_row - notes + 1)]
    assert [sum(cell.value is not None for cell in row) for row in last] == [1] * notes


def test_runs_of_equal_cells_are_merged_where_officers_merge_them() -> None:
    (sheet,) = _sheets("disclosure-catalogue.xlsx")
    data = [each for each in sheet.merged_cells.ranges if each.min_row > 4 and each.max_row > each.min_row]
    assert {each.min_col for each in data} == {1, 2}
    assert all(each.min_col == each.max_col for each in data)


@pytest.mark.parametrize(
    "file", ["disclosure-request-statistics.xls", "fiscal-information.xls", "registration-statistics.xls"]
)
def test_legacy_workbooks_are_biff8_in_a_compound_file(file: str) -> None:
    with olefile.OleFileIO(str(DATA / file)) as compound:
        head: bytes = compound.openstream("Workbook").read(6)
    assert head[:2] + bytes(2) + head[4:] == _BIFF8


def test_a_legacy_workbook_has_titles_and_merged_data() -> None:
    sheet = CalamineWorkbook.from_path(DATA / "fiscal-information.xls").get_sheet_by_name("财政信息")
    merged = sheet.merged_cell_ranges or []
    assert sorted((start, end[0]) for start, end in merged if start[0] < 2) == [((0, 0), 0), ((1, 0), 1)]
    assert sum(start[0] > 2 and end[0] > start[0] for start, end in merged) > 10


# --- JSON, Parquet, databases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "path"),
    [("typical-cases.json", "items"), ("opinion-responses.json", "records"), ("quality-issues.json", "items")],
)
def test_an_interface_answers_with_a_status_and_records_below(file: str, path: str) -> None:
    answer = json.loads((DATA / file).read_bytes())
    assert answer["code"] == 0
    assert len(answer["data"][path]) >= 200
    assert all(isinstance(record, dict) for record in answer["data"][path])


@pytest.mark.parametrize("file", ["enterprise-records.parquet", "inspection-results.parquet"])
def test_parquet_has_types_of_its_own(file: str) -> None:
    content = (DATA / file).read_bytes()
    assert content[-4:] == b"PAR1"
    types = [str(field.type) for field in pyarrow.parquet.read_schema(io.BytesIO(content))]
    assert types.count("date32[day]") == 4
    assert {"string", "int64"} <= set(types)


def _tables(file: str) -> dict[str, set[str]]:
    """Table → the SQL types of its columns."""
    with closing(sqlite3.connect(DATA / file)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: {row[2] for row in database.execute(f"PRAGMA table_info({name})")} for name in names}


def test_databases_hold_several_tables() -> None:
    assert set(_tables("powers.sqlite")) == {"power_list", "duty_list"}
    assert set(_tables("registry.sqlite")) == {"enterprises", "shareholders"}
    assert "TEXT" in _tables("registry.sqlite")["enterprises"]


def test_a_query_reads_a_file_until_a_server_is_configured() -> None:
    agency = yaml.safe_load((CATALOGUE / "agency.yaml").read_text("utf-8"))
    source = yaml.safe_load((CATALOGUE / "entries" / "official-documents.yaml").read_text("utf-8"))["source"]
    database = agency["databases"][source["database"]]
    assert source["query"].startswith("SELECT ")
    assert database["address_env"]
    assert (CATALOGUE / database["path"]).is_file()
