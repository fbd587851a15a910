"""Workbooks of nothing but text: written with the same bytes for the same cells, read with the place of each cell."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from resource_catalog.errors import OutsideError, WorkspaceError

#: What a cell of a workbook can hold (Excel's specifications and limits), in UTF-16 units.
LONGEST_CELL = 32_767
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_LARGE_PART = 1 << 24
#: Signs that XML can't hold or changes, and what looks like their escape (ECMA-376 part 1, 22.9.2.19 ST_Xstring).
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: A row of headings is looked for in this many rows: titles and notes may stand above.
_HEADING_ROWS = 10


@dataclass(frozen=True)
class ImportFault:
    """Why a workbook is refused; `row` counts from 1, `column` is the heading ("" for the whole row)."""

    sheet: str
    row: int
    column: str
    message: str
    fix: str


@dataclass(frozen=True)
class SheetRow:
    """One row by heading, all cells as text, and where it stands."""

    sheet: str
    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class ReadSheet:
    """The rows of one sheet that are not blank, and what can't be read in it."""

    name: str
    rows: tuple[SheetRow, ...]
    faults: tuple[ImportFault, ...]


def write_workbook(path: Path, sheets: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]) -> None:
    """Write sheets of (name, headings, rows) as text cells; equal cells give equal bytes.

    Raises:
        WorkspaceError: a text is longer than a cell can be.
        OutsideError: the disk refuses the file.
    """
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, headings, rows in sheets:
        _fill(workbook.create_sheet(name), headings, rows)
    content = io.BytesIO()
    workbook.save(content)
    try:
        path.write_bytes(timeless(content.getvalue()))
    except OSError as error:
        what = f"the workbook can't be written: {error.strerror}"
        raise OutsideError(what, where=str(path), fix="name another file, or mend that") from error


def _fill(sheet: Worksheet, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate([headings, *rows], 1):
        for position, text in enumerate(row, 1):
            if text:
                _write(sheet.cell(number, position), text, headings[position - 1])
    sheet.freeze_panes = "A2"
    for position, heading in enumerate(headings, 1):
        sheet.cell(1, position).font = Font(bold=True)
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = max(10, 2 * len(heading) + 2)
        # New rows that a person adds are text, too: a code typed there keeps its zeros.
        sheet.column_dimensions[letter].number_format = "@"


def escape(text: str) -> str:
    """The text as a workbook's XML can hold it."""
    return _ESCAPED.sub(lambda sign: f"_x{ord(sign.group()):04X}_", text)


def _write(cell: Any, text: str, heading: str) -> None:
    escaped = escape(text)
    if len(escaped.encode("utf-16-le")) // 2 > LONGEST_CELL:
        place = f"{cell.parent.title} › row {cell.row} › {heading}"
        raise WorkspaceError(f"a cell holds at most {LONGEST_CELL} signs", where=place, fix="shorten the text")
    cell.value = escaped
    cell.data_type = "s"  # openpyxl would take "=…" for a formula
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=True)


def timeless(content: bytes) -> bytes:
    """The same workbook with fixed times in its archive and its properties."""
    result = io.BytesIO()
    timeless_copy(io.BytesIO(content), result)
    return result.getvalue()


def timeless_copy(workbook: IO[bytes] | Path, copy: IO[bytes] | Path) -> None:
    """Write a workbook with fixed times in its archive and its properties; a large sheet is not held in memory."""
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            member = zipfile.ZipInfo(part.filename, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            if part.file_size > _LARGE_PART:
                with old.open(part) as read, new.open(member, "w", force_zip64=True) as written:
                    shutil.copyfileobj(read, written)
            else:
                new.writestr(member, _without_times(part.filename, old.read(part)))


def _without_times(name: str, content: bytes) -> bytes:
    if name != "docProps/core.xml":
        return content
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", content)


def open_workbook(path: Path) -> dict[str, Worksheet]:
    """The sheets of an XLSX file by name.

    Raises:
        WorkspaceError: it is missing or no workbook.
    """
    try:
        with warnings.catch_warnings():
            # What openpyxl warns of (extensions that it drops) concerns looks, not cells.
            warnings.simplefilter("ignore", UserWarning)
            workbook = openpyxl.load_workbook(path)
    except FileNotFoundError as error:
        raise WorkspaceError("there is no such file", where=str(path), fix="name another") from error
    except (OSError, zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, ParseError) as error:
        raise WorkspaceError(f"no XLSX workbook: {error}", where=str(path), fix="save it as .xlsx") from error
    return {sheet.title: sheet for sheet in workbook.worksheets}


def has_headings(sheet: Worksheet, headings: Collection[str]) -> bool:
    """Whether one of the sheet's first rows has all these headings."""
    return _heading_row(sheet, headings) is not None


def _heading_row(sheet: Worksheet, headings: Collection[str]) -> int | None:
    for number, row in enumerate(sheet.iter_rows(max_row=_HEADING_ROWS, values_only=True), 1):
        if set(headings) <= {str(value).strip() for value in row}:
            return number
    return None


def read_sheet(
    sheet: Worksheet, *, known: Collection[str], marks: Collection[str], numeric: Collection[str]
) -> ReadSheet:
    """The sheet's rows below the row of headings that has all of `marks`.

    Headings must be `known` and there once; cells must be text, or dates without a time, or whole numbers in columns
    that are `numeric`.
    """
    top = _heading_row(sheet, marks)
    if top is None:
        message = f"none of the first {_HEADING_ROWS} rows has the headings {', '.join(sorted(marks))}"
        return ReadSheet(sheet.title, (), (ImportFault(sheet.title, 1, "", message, "add them"),))
    headings = [str(cell.value or "").strip() for cell in sheet[top]]
    faults = [*_heading_faults(sheet.title, top, headings, known), *_merged(sheet, top)]
    rows = []
    for number, row in enumerate(sheet.iter_rows(min_row=top + 1), top + 1):
        cells = _cells(sheet.title, number, zip(headings, row, strict=True), numeric, faults)
        if any(cells.values()):
            rows.append(SheetRow(sheet.title, number, cells))
    return ReadSheet(sheet.title, tuple(rows), tuple(faults))


def _cells(
    sheet: str, number: int, row: Iterable[tuple[str, Any]], numeric: Collection[str], faults: list[ImportFault]
) -> dict[str, str]:
    cells = {}
    for position, (heading, cell) in enumerate(row, 1):
        try:
            text = _text(cell, heading in numeric)
            if text and not heading:
                raise ValueError(f"{text!r} stands under no heading")
        except ValueError as error:
            column = heading or get_column_letter(position)
            fix = "write it as text, in a cell formatted as text, under a heading"
            faults.append(ImportFault(sheet, number, column, str(error), fix))
        else:
            if heading:
                cells[heading] = text
    return cells


def _heading_faults(sheet: str, row: int, headings: list[str], known: Collection[str]) -> Iterator[ImportFault]:
    for position, heading in enumerate(headings):
        if heading and heading not in known:
            yield ImportFault(sheet, row, heading, "unknown column", f"delete it; known here: {', '.join(known)}")
        if heading and heading in headings[:position]:
            yield ImportFault(sheet, row, heading, "the column is there twice", "keep one of the two")


def _merged(sheet: Worksheet, top: int) -> Iterator[ImportFault]:
    for area in sheet.merged_cells.ranges:
        if area.max_row > top:
            message = f"the cells {area.coord} are merged, so that only the first has its value"
            yield ImportFault(sheet.title, max(area.min_row, top), "", message, "unmerge them and fill each")


def _text(cell: Any, numeric: bool) -> str:
    value = cell.value
    if value is None or not isinstance(cell, Cell):
        return ""
    if cell.data_type == "f":
        raise ValueError("a formula")
    if cell.data_type == "e":
        raise ValueError(f"an error value, {value}")
    if isinstance(value, str):
        return _ESCAPE.sub(lambda code: chr(int(code.group(1), 16)), value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if numeric and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{value!r} is no text: a number there may have lost zeros or digits")
