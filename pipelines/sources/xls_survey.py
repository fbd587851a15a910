"""The survey of an XLS sheet, from the records of its BIFF stream ([MS-XLS] 2.4): formula errors, links, macros."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import olefile

from pipelines.sources.reading import UnreadableError
from pipelines.sources.workbook_survey import Survey, check_extent
from quality.rules import reading as rules

_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _SUPBOOK = 0x0809, 0x000A, 0x002F, 0x0085, 0x01AE
_DIMENSIONS, _FORMULA, _BOOLERR, _MULRK = 0x0200, 0x0006, 0x0205, 0x00BD
#: Records that begin with a cell's row and column: the above, NUMBER, LABEL, RSTRING, LABELSST, RK.
_CELLS = (_FORMULA, _BOOLERR, _MULRK, 0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E)
#: SUPBOOK of the workbook itself, and of built-in functions: no links.
_OWN_BOOKS = (0x0401, 0x3A01)
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_PROJECT = "_VBA_PROJECT_CUR"


def records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """(type, content) of the records from `position` to the end of that substream."""
    depth = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + length]
        position += 4 + length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return


def sheet_positions(stream: bytes) -> list[int]:
    """Where each sheet's substream begins.

    Raises:
        UnreadableError: the workbook is locked, or has links to others.
    """
    positions = []
    for kind, content in records(stream, 0):
        if kind == _FILEPASS:
            detail = "it is locked with a password"
            raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format="xls", detail=detail))
        if kind == _BOUNDSHEET and len(content) >= 4:
            positions.append(struct.unpack_from("<I", content)[0])
        elif kind == _SUPBOOK and len(content) >= 4 and struct.unpack_from("<H", content, 2)[0] not in _OWN_BOOKS:
            raise UnreadableError(rules.EXTERNAL_LINKS.finding(part="SUPBOOK record"))
    return positions


def _error_code(kind: int, content: bytes) -> int | None:
    """The error that a cell's record holds, if it holds one."""
    if kind == _BOOLERR and len(content) >= 8 and content[7]:
        return content[6]
    if kind == _FORMULA and len(content) >= 14 and content[12:14] == b"\xff\xff" and content[6] == 2:
        return content[8]
    return None


def _check_dimensions(content: bytes) -> None:
    """Pass a DIMENSIONS record that makes sense; calamine sets room aside for what it says, whatever the cells are."""
    first_row, end_row, first_column, end_column = struct.unpack_from("<IIHH", content)
    if first_row > end_row or first_column > end_column:
        detail = "its dimensions end before they begin"
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format="xls", detail=detail))
    check_extent(end_row, end_column, "")


def _survey_sheet(stream: bytes, start: int) -> Survey:
    errors: dict[tuple[int, int], str] = {}
    rows = columns = 0
    for kind, content in records(stream, start):
        if kind == _DIMENSIONS and len(content) >= 12:
            _check_dimensions(content)
        if kind not in _CELLS or len(content) < 6:
            continue
        row, column = struct.unpack_from("<HH", content)
        last = struct.unpack_from("<H", content, len(content) - 2)[0] if kind == _MULRK else column
        rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
        code = _error_code(kind, content)
        if code is not None:
            errors[(row, column)] = _ERRORS.get(code, f"#ERROR {code}")
    check_extent(rows, columns, "")
    return Survey(errors)


def survey_records(stream: bytes) -> list[Survey]:
    """The formula errors of each sheet of a BIFF stream.

    Raises:
        UnreadableError: a password, links to other workbooks, or a sheet that is too large.
    """
    return [_survey_sheet(stream, start) for start in sheet_positions(stream)]


def survey_xls(file: Path) -> list[Survey]:
    """The formula errors of each sheet; to be called before calamine opens the file. It knows the merged cells itself.

    Raises:
        UnreadableError: macros, links to other workbooks, a password, a sheet that is too large.
        OSError: the file is damaged.
    """
    with olefile.OleFileIO(str(file)) as compound:
        if compound.exists(_PROJECT):
            raise UnreadableError(rules.MACROS.finding(part=_PROJECT))
    return survey_records(biff_stream(file))


def biff_stream(file: Path) -> bytes:
    """The records of all sheets of a workbook, behind those that speak of the whole."""
    with (
        olefile.OleFileIO(str(file)) as compound,
        compound.openstream("Workbook" if compound.exists("Workbook") else "Book") as opened,
    ):
        return bytes(opened.read())
