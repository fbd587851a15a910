"""Workbooks as people save them: headings, merged cells, typed cells, hidden sheets, files that are no workbooks."""

from __future__ import annotations

import datetime
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipelines.engines.duck import open_work
from pipelines.sources import workbook_file
from pipelines.sources.headings import Expected
from pipelines.sources.reading import Reading, UnreadableError
from pipelines.sources.workbook import read_workbook
from pipelines.sources.xls_survey import survey_records
from quality.table import EXTRACT
from resource_catalog.entry import Source

Cells = dict[str, Any]
Read = Callable[..., tuple[Reading, list[tuple[Any, ...]]]]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(tmp_path / "work.duckdb") as opened:
        yield opened


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection) -> Read:
    def read(file: Path, *, expected: tuple[str, ...] = (), **source: Any) -> tuple[Reading, list[tuple[Any, ...]]]:
        reading = read_workbook(connection, file, Source(path=file.name, **source), expected=Expected(expected))
        return reading, connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()

    return read


def save(file: Path, cells: Cells, *, merged: tuple[str, ...] = (), epoch: datetime.datetime | None = None) -> Path:
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    assert sheet is not None
    for place, value in cells.items():
        sheet[place] = value
    for block in merged:
        sheet.merge_cells(block)
    book.save(file)
    return file


def refusals(read: Read, file: Path, **source: Any) -> list[tuple[str, int | None]]:
    with pytest.raises(UnreadableError) as caught:
        read(file, **source)
    return [(finding.rule, finding.row) for finding in caught.value.findings]


ODS = " ".join(
    f'xmlns:{prefix}="urn:{uri}"'
    for prefix, uri in {
        "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "oasis:names:tc:opendocument:xmlns:style:1.0",
        "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/></manifest:manifest>'
)


def save_ods(file: Path, tables: str, styles: str = "") -> Path:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODS}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", ODS_TYPE)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", content)
    return file


def ods_text(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def add_part(file: Path, name: str, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, content)
    return file


def test_rows_keep_the_sheets_own_numbers(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"B3": "编号", "C3": "名称", "B4": "001", "B6": "002", "C6": " 甲 "})
    reading, rows = read(file)
    assert reading.headings == ("编号", "名称")
    assert reading.dialect == {"header_row": "3"}
    assert [(found.rule, found.row) for found in reading.findings] == [("blank-row", 5)]
    assert rows == [(4, "001", None), (6, "002", " 甲 ")]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_cells_are_spelt_by_their_type(tmp_path: Path, read: Read, epoch: datetime.datetime | None) -> None:
    moment = datetime.datetime(2017, 5, 18, 13, 5, 9)
    values = {
        datetime.date(2017, 5, 18): "2017-05-18",
        moment: "2017-05-18T13:05:09",
        datetime.time(8, 30): "08:30:00",
        datetime.timedelta(days=1, hours=3): "P1DT3H",
        True: "true",
        0.1: "0.1",
        68.66499999999999: "68.66499999999999",
        9.1e-7: "9.1e-07",
        -3.0: "-3",
        999_999_999_999_999: "999999999999999",
        "007": "007",
    }
    cells = {f"A{row}": value for row, value in enumerate(values, start=2)}
    reading, rows = read(save(tmp_path / "a.xlsx", {"A1": "v", **cells}, epoch=epoch))
    assert [row[1] for row in rows] == list(values.values())
    assert not reading.findings


def test_a_number_of_more_than_15_digits_is_kept_and_reported(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "证号", "A2": 310101190001011234, "A3": "310101190001011234", "A4": 1e15})
    reading, rows = read(file)
    assert rows[1] == (3, "310101190001011234")
    assert [(found.rule, found.row, found.column) for found in reading.findings] == [
        ("precision-lost", 2, "证号"),
        ("precision-lost", 4, "证号"),
    ]
    assert reading.findings[0].value == rows[0][1]


def test_findings_are_shown_a_hundred_times_and_counted_exactly(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "n", **{f"A{row}": 1e16 for row in range(2, 252)}})
    reading, _ = read(file)
    assert len(reading.findings) == 100
    assert reading.counts == {"precision-lost": 250}


def test_formula_errors_of_xlsx_are_kept_and_reported(tmp_path: Path, read: Read) -> None:
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x", "y"])
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 1, "=A9", None, "#REF!")
    reading, rows = read(file)
    assert rows == [(2, "x", "y"), (3, "#DIV/0!", None), (4, None, "#REF!")]
    assert [(found.rule, found.row, found.column) for found in reading.findings] == [
        ("cell-error", 3, "a"),
        ("cell-error", 4, "b"),
    ]


def test_ods_knows_merged_cells_formula_errors_and_repeated_rows(tmp_path: Path, read: Read) -> None:
    covered = "<table:covered-table-cell/>"
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    rows = [
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>',
        f"<table:table-row>{ods_text('企业')}{ods_text('金额')}</table:table-row>",
        f"<table:table-row>{ods_text('甲', 'table:number-rows-spanned=' + chr(34) + '2' + chr(34))}"
        f"{error}</table:table-row>",
        f'<table:table-row>{covered}<table:table-cell office:value-type="float" office:value="2"/></table:table-row>',
    ]
    file = save_ods(tmp_path / "a.ods", f'<table:table table:name="t">{"".join(rows)}</table:table>')
    reading, found = read(file)
    assert found == [(4, "甲", "#DIV/0!"), (5, "甲", "2")]
    assert [(finding.rule, finding.row) for finding in reading.findings] == [("cell-error", 4)]


def test_merged_data_cells_are_filled_inside_their_block_only(tmp_path: Path, read: Read) -> None:
    cells = {"A1": "a", "B1": "b", "C1": "c", "A2": "甲", "B2": 1, "B3": 2, "B4": 3, "B5": "x"}
    _, rows = read(save(tmp_path / "a.xlsx", cells, merged=("A2:A3", "B5:C5")))
    assert rows == [(2, "甲", "1", None), (3, "甲", "2", None), (4, None, "3", None), (5, None, "x", "x")]


def test_headings_of_several_rows_are_joined(tmp_path: Path, read: Read) -> None:
    cells = {"A1": "地区", "B1": "金额", "B2": "本年", "C2": "上年", "A3": "甲", "B3": 1, "C3": 2}
    reading, rows = read(save(tmp_path / "a.xlsx", cells, merged=("A1:A2", "B1:C1")), header_row=(1, 2))
    assert reading.headings == ("地区", "金额_本年", "金额_上年")
    assert reading.dialect["header_row"] == "1-2"
    assert rows == [(3, "甲", "1", "2")]


def test_the_header_row_is_found_by_the_schema_and_recorded(tmp_path: Path, read: Read) -> None:
    cells = {"A1": "抽检结果表", "A2": "编号", "B2": "名称", "A3": "1", "B3": "甲"}
    file = save(tmp_path / "a.xlsx", cells, merged=("A1:B1",))
    reading, rows = read(file, expected=("编号", "名称"))
    assert (reading.dialect["header_row"], rows) == ("2", [(3, "1", "甲")])
    assert refusals(read, file) == [("duplicate-heading", 1)]
    reading, _ = read(file, header_row=2)
    assert reading.headings == ("编号", "名称")


def test_a_row_with_most_names_serves_where_none_has_all(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "标题", "A2": "a", "B2": "b", "C2": "z", "A3": 1})
    reading, _ = read(file, expected=("a", "b", "c"))
    assert reading.dialect["header_row"] == "2"
    reading, _ = read(save(tmp_path / "b.xlsx", {"A1": "x", "A2": "a"}), expected=("a", "b", "c"))
    assert reading.dialect["header_row"] == "1"


def test_no_headings_takes_the_schemas_names_if_they_fit(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": 1, "B1": 2})
    assert read(file, header_row=0)[0].headings == ("column1", "column2")
    reading, rows = read(file, header_row=0, expected=("a", "b"))
    assert (reading.headings, rows) == (("a", "b"), [(1, "1", "2")])


def test_footers_are_cut_from_the_end(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a", "A2": "1", "A3": "2", "A4": "合计", "A6": "注：", "A8": " "})
    reading, rows = read(file, footer_rows=3)
    assert rows == [(2, "1"), (3, "2")]
    assert reading.dialect["footer_rows"] == "3"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_must_be_meant(tmp_path: Path, read: Read, state: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("底稿")
    sheet["A1"], sheet["A2"] = "a", "1"
    sheet.sheet_state = state
    book.save(tmp_path / "a.xlsx")
    assert refusals(read, tmp_path / "a.xlsx", sheet="底稿") == [("hidden-sheet", None)]
    assert read(tmp_path / "a.xlsx", sheet=2, hidden=True)[0].sheet == "底稿"
    assert refusals(read, tmp_path / "a.xlsx", sheet="无") == [("missing-sheet", None)]
    assert refusals(read, tmp_path / "a.xlsx", sheet=3) == [("missing-sheet", None)]
    assert refusals(read, tmp_path / "a.xlsx") == [("empty-sheet", None)]


def test_a_hidden_ods_sheet_must_be_meant(tmp_path: Path, read: Read) -> None:
    style = (
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    rows = f"<table:table-row>{ods_text('a')}</table:table-row>"
    table = f'<table:table table:name="t" table:style-name="h">{rows}</table:table>'
    assert refusals(read, save_ods(tmp_path / "a.ods", table, style)) == [("hidden-sheet", None)]


def test_broken_headings_name_the_sheets_own_columns(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"B1": "a", "D1": "A", "B2": 1, "C2": 2, "D2": 3})
    with pytest.raises(UnreadableError) as caught:
        read(file)
    assert [finding.rule for finding in caught.value.findings] == ["blank-heading", "duplicate-heading"]
    assert "column 3" in caught.value.findings[0].message


def test_a_column_at_the_edge_without_heading_and_values_is_no_column(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "标题", "B2": "a", "C2": "b", "B3": 1, "C3": 2})
    assert read(file, header_row=2)[0].headings == ("a", "b")
    file = save(tmp_path / "b.xlsx", {"A1": "标题", "B2": "a", "A3": 1, "B3": 2})
    assert refusals(read, file, header_row=2) == [("blank-heading", 2)]


def test_a_header_row_below_the_data_is_refused(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a", "A2": "1"})
    assert refusals(read, file, header_row=9) == [("missing-header-row", 9)]


def test_headings_alone_give_no_rows(tmp_path: Path, read: Read) -> None:
    assert read(save(tmp_path / "a.xlsx", {"A1": "a", "B1": "b"}))[0].rows == 0


def test_control_characters_are_refused(tmp_path: Path, read: Read) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["a", "x\ufffdy", "z"])
    assert refusals(read, tmp_path / "a.xlsx") == [("control-character", 2)]


@pytest.mark.parametrize(
    ("name", "content", "looks"),
    [
        ("a.xls", b"a,b\n1,2\n", "plain text"),
        ("a.xls", b"\xef\xbb\xbf<html><table></table></html>", "HTML"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "XML"),
        ("a.xlsx", b"PAR1....PAR1", "Parquet"),
        ("a.ods", b"%PDF-1.7", "PDF"),
        ("a.xlsx", b"\x00\x01\x02", "not known"),
    ],
)
def test_other_content_is_named(tmp_path: Path, read: Read, name: str, content: bytes, looks: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read(file)
    assert [finding.rule for finding in caught.value.findings] == ["not-this-format"]
    assert looks in caught.value.findings[0].message


def test_archives_that_are_no_workbook_are_refused(tmp_path: Path, read: Read) -> None:
    plain = tmp_path / "plain.xlsx"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("readme.txt", "x")
    whole = save(tmp_path / "whole.xlsx", {"A1": "a", "A2": "1"})
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(whole.read_bytes()[:3000])
    renamed = tmp_path / "whole.xls"
    shutil.copy(whole, renamed)
    empty = tmp_path / "empty.xlsx"
    empty.touch()
    found = [refusals(read, file)[0][0] for file in (plain, cut, renamed, empty)]
    assert found == ["not-this-format", "not-this-format", "not-this-format", "empty-file"]
    assert read(renamed, format="xlsx")[0].rows == 1


def test_a_flipped_byte_is_found(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a", "A2": "1"})
    with zipfile.ZipFile(file) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    octets = bytearray(file.read_bytes())
    octets[part.header_offset + 60 + part.compress_size // 2] ^= 0xFF
    file.write_bytes(octets)
    assert refusals(read, file) == [("not-this-format", None)]


def test_an_archive_that_would_explode_is_not_unpacked(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a"})
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"0" * (workbook_file.SMALL_PART + 1))
    assert refusals(read, file) == [("unsafe-archive", None)]


def test_an_archive_of_too_many_parts_is_not_unpacked(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a"})
    with zipfile.ZipFile(file, "a") as archive:
        for position in range(workbook_file.MOST_PARTS):
            archive.writestr(f"xl/media/{position}", b"")
    assert refusals(read, file) == [("unsafe-archive", None)]


def test_a_stray_cell_far_out_is_refused_before_it_fills_memory(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a", "XFD1048576": 1})
    assert refusals(read, file) == [("oversized-sheet", None)]
    repeated = f'<table:table-row table:number-rows-repeated="1048576">{ods_text("a")}</table:table-row>'.replace(
        "office:value-type", 'table:number-columns-repeated="1024" office:value-type'
    )
    ods = save_ods(tmp_path / "a.ods", f'<table:table table:name="t">{repeated}</table:table>')
    assert refusals(read, ods) == [("oversized-sheet", None)]


def test_a_document_type_is_refused(tmp_path: Path, read: Read) -> None:
    file = save_ods(tmp_path / "a.ods", "")
    with zipfile.ZipFile(file) as archive:
        content = archive.read("content.xml").decode()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", ODS_TYPE)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        table = f'<table:table table:name="t"><table:table-row>{ods_text("&a;")}</table:table-row></table:table>'
        content = content.replace("<office:spreadsheet>", f"<office:spreadsheet>{table}")
        archive.writestr("content.xml", content.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1))
    assert refusals(read, file) == [("unsafe-archive", None)]


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "external-links"),
        ("xl/connections.xml", "external-links"),
        ("xl/embeddings/oleObject1.bin", "embedded-object"),
    ],
)
def test_active_parts_are_refused(tmp_path: Path, read: Read, part: str, rule: str) -> None:
    file = add_part(save(tmp_path / "a.xlsx", {"A1": "a", "A2": "1"}), part)
    assert refusals(read, file) == [(rule, None)]


def test_scripts_in_ods_are_refused(tmp_path: Path, read: Read) -> None:
    table = f'<table:table table:name="t"><table:table-row>{ods_text("a")}</table:table-row></table:table>'
    file = save_ods(tmp_path / "a.ods", table)
    assert read(file)[0].rows == 0
    assert refusals(read, add_part(file, "Basic/Standard/Module1.xml")) == [("macros", None)]
    link = table.replace("<table:table-row>", "<table:table-source/><table:table-row>", 1)
    assert refusals(read, save_ods(tmp_path / "b.ods", link)) == [("external-links", None)]


def test_a_formula_that_calls_the_web_is_refused(tmp_path: Path, read: Read) -> None:
    file = save(tmp_path / "a.xlsx", {"A1": "a", "A2": '=_xlfn.WEBSERVICE("http://127.0.0.1/")'})
    assert refusals(read, file) == [("external-links", None)]


def biff(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def test_formula_errors_of_xls_records() -> None:
    """No writer of XLS is at hand, so the records are written here by [MS-XLS] 2.4."""
    begin, end = biff(0x0809, b"\x00\x06\x10\x00" + bytes(12)), biff(0x000A, b"")
    boolean = biff(0x0205, struct.pack("<HHHBB", 1, 0, 0, 1, 0))
    error = biff(0x0205, struct.pack("<HHHBB", 2, 1, 0, 0x17, 1))
    formula = biff(0x0006, struct.pack("<HHH", 3, 4, 0) + bytes([2, 0, 0x07, 0, 0, 0, 0xFF, 0xFF]) + bytes(8))
    own_book = biff(0x01AE, struct.pack("<HH", 1, 0x0401))
    length = len(begin + biff(0x0085, bytes(8)) + own_book + end)
    stream = begin + biff(0x0085, struct.pack("<IHH", length, 0, 0)) + own_book + end
    stream += begin + boolean + begin + end + error + formula + end + begin + error + end
    assert survey_records(stream)[0].errors == {(2, 1): "#REF!", (3, 4): "#DIV/0!"}


def test_links_of_xls_records_are_refused() -> None:
    stream = biff(0x0809, bytes(16)) + biff(0x01AE, struct.pack("<HH", 1, 12) + bytes(12)) + biff(0x000A, b"")
    with pytest.raises(UnreadableError) as caught:
        survey_records(stream)
    assert [finding.rule for finding in caught.value.findings] == ["external-links"]


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (biff(0x0203, struct.pack("<HHHd", 65_535, 65_535, 0, 1.0)), "oversized-sheet"),
        (biff(0x00BD, struct.pack("<HH6s6sH", 65_535, 0, bytes(6), bytes(6), 60_000)), "oversized-sheet"),
        (biff(0x0200, struct.pack("<IIHHH", 0, 0x62000000, 0, 1, 0)), "oversized-sheet"),
        (biff(0x0200, struct.pack("<IIHHH", 0x8200, 3, 0, 5, 0)), "not-this-format"),
    ],
)
def test_an_extent_of_xls_records_that_would_fill_memory_is_refused(record: bytes, rule: str) -> None:
    begin, end = biff(0x0809, bytes(16)), biff(0x000A, b"")
    start = len(begin + biff(0x0085, bytes(8)) + end)
    stream = begin + biff(0x0085, struct.pack("<IHH", start, 0, 0)) + end + begin + record + end
    with pytest.raises(UnreadableError) as caught:
        survey_records(stream)
    assert [finding.rule for finding in caught.value.findings] == [rule]


def test_a_locked_xls_is_named() -> None:
    stream = biff(0x0809, bytes(16)) + biff(0x002F, bytes(6)) + biff(0x000A, b"")
    with pytest.raises(UnreadableError) as caught:
        survey_records(stream)
    assert "password" in caught.value.findings[0].message
