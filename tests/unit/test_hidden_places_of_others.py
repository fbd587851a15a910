"""Personal data that an XLS or ODS workbook carries along outside its table, and what of the table is hidden."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlwt

from pipelines.sources.headings import expect
from pipelines.sources.reading import Reading
from pipelines.sources.workbook import read_workbook
from pipelines.sources.xls_hidden import texts_of_objects
from quality.rules.hidden_places import HIDDEN_CELLS, HIDDEN_PERSONAL_DATA
from resource_catalog.entry import Source

ID = "310101189912310017"
MOBILE = "13800000000"
_ROWS = (("编号", "备注"), ("1", "甲"), ("2", "乙"))


def read(file: Path) -> Reading:
    with duckdb.connect() as connection:
        return read_workbook(connection, file, Source(path=file.name, sheet="数据"), expected=expect((), {}))


def places(reading: Reading) -> list[tuple[str, str, int | None, str]]:
    """(rule, sheet, row, column); no finding says the number itself."""
    assert reading.rows == 2
    assert not any(
        number in found.message + (found.value or "") for found in reading.findings for number in (ID, MOBILE)
    )
    return [(found.rule, found.sheet, found.row, found.column) for found in reading.findings]


def write_xls(file: Path, change: Callable[[Any, Any], None]) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    for row, cells in enumerate(_ROWS):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    change(book, sheet)
    book.save(str(file))
    return file


def _hidden_sheet(book: Any, _sheet: Any) -> None:
    draft = book.add_sheet("草稿")
    draft.visibility = 2  # hidden from the menu, too
    draft.write(3, 2, int(MOBILE))


def _seen_sheet(book: Any, _sheet: Any) -> None:
    book.add_sheet("另一表").write(0, 0, ID)


def _sheet_name(book: Any, _sheet: Any) -> None:
    book.add_sheet(f"张三{MOBILE}")


def _rows_and_columns(_book: Any, sheet: Any) -> None:
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True


PERSONAL = HIDDEN_PERSONAL_DATA.code


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_hidden_sheet, [(PERSONAL, "草稿", 4, "C")]),
        (_seen_sheet, []),
        (_sheet_name, [(PERSONAL, "", None, "")]),
        (_rows_and_columns, [(HIDDEN_CELLS.code, "数据", 3, ""), (HIDDEN_CELLS.code, "数据", None, "B")]),
    ],
)
def test_each_place_of_xls(tmp_path: Path, change: Callable[[Any, Any], None], found: list[Any]) -> None:
    assert places(read(write_xls(tmp_path / "a.xls", change))) == found


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _object(number: int, *pieces: bytes) -> bytes:
    """An object with a text in pieces, each after its sign for one or two bytes a character."""
    count = sum(len(piece[1:]) // (1 + piece[0]) for piece in pieces)
    common = struct.pack("<HHHH", 0x15, 0x12, 0x19, number) + bytes(14)
    told = struct.pack("<HH6xHH4x", 0, 0, count, 16)
    return _record(0x5D, common) + _record(0x1B6, told) + b"".join(_record(0x3C, piece) for piece in pieces)


def test_comments_and_text_boxes_of_xls() -> None:
    """Comments are in no file that a library here can write: their records are made by hand ([MS-XLS] 2.4)."""
    note = _record(0x1C, struct.pack("<HHHH", 4, 1, 0, 7) + struct.pack("<HB", 1, 0) + b"x")
    end = _record(0x0A, b"")
    sheet = (
        _record(0x809, bytes(16))
        + _object(7, b"\x01" + "身份证".encode("utf-16-le"), b"\x00" + ID.encode())
        + _object(8, b"\x00" + MOBILE.encode())
        + note
        + end
    )
    bound = struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"A"
    globals_ = _record(0x809, bytes(16)) + _record(0x85, bound) + end
    stream = globals_.replace(bound, struct.pack("<I", len(globals_)) + bound[4:]) + sheet
    comment, box = texts_of_objects(stream, ["数据"])
    assert (comment.text, comment.sheet, comment.row, comment.column) == (f"身份证{ID}", "数据", 5, "B")
    assert (box.text, box.where, box.sheet, box.row) == (MOBILE, "a text box", "数据", None)


_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("meta", "meta"),
    )
)


def _cell(text: str, comment: str = "") -> str:
    note = f"<office:annotation><text:p>{comment}</text:p></office:annotation>" if comment else ""
    return f'<table:table-cell office:value-type="string">{note}<text:p>{text}</text:p></table:table-cell>'


def write_ods(file: Path, *, comment: str = "", hide: str = "", draft: str = "", note: str = "") -> Path:
    """A sheet of three rows; `hide` is the attribute of the last row and of the second column."""
    rows = [_cell(a) + _cell(b, comment if a == "1" else "") for a, b in _ROWS]
    body = "".join(
        f"<table:table-row {hide if number == 2 else ''}>{row}</table:table-row>" for number, row in enumerate(rows)
    )
    body += f'<table:table-row {hide} table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>'
    columns = f"<table:table-column/><table:table-column {hide}/>"
    row = f"<table:table-row>{_cell(draft)}</table:table-row>"
    hidden = f'<table:table table:name="草稿" table:style-name="gone">{row}</table:table>'
    gone = '<style:table-properties table:display="false"/>'
    style = f'<style:style style:name="gone" style:family="table">{gone}</style:style>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.2">'
        f"<office:automatic-styles>{style}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="数据">{columns}{body}</table:table>{hidden if draft else ""}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    own = f"<office:meta><meta:user-defined>{note}</meta:user-defined></office:meta>"
    meta = f"<office:document-meta {_SPACES}>{own}</office:document-meta>"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("meta.xml", meta)
        archive.writestr("META-INF/manifest.xml", manifest)
    return file


@pytest.mark.parametrize(
    ("hiding", "found"),
    [
        ({"comment": f"身份证{ID}"}, [(PERSONAL, "数据", 2, "B")]),
        ({"draft": MOBILE}, [(PERSONAL, "草稿", 1, "A")]),
        ({"note": f"联系人{MOBILE}"}, [(PERSONAL, "", None, "")]),
        ({"comment": "见第3页", "draft": "甲", "note": "乙"}, []),
        (
            {"hide": 'table:visibility="collapse"'},
            [(HIDDEN_CELLS.code, "数据", 3, ""), (HIDDEN_CELLS.code, "数据", None, "B")],
        ),
        (
            {"hide": 'table:visibility="filter"'},
            [(HIDDEN_CELLS.code, "数据", 3, ""), (HIDDEN_CELLS.code, "数据", None, "B")],
        ),
    ],
)
def test_each_place_of_ods(tmp_path: Path, hiding: dict[str, str], found: list[Any]) -> None:
    assert places(read(write_ods(tmp_path / "a.ods", **hiding))) == found
