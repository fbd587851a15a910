"""The survey of an XLS sheet, from the records of its BIFF stream ([MS-XLS] 2.4): formula errors, links, macros."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import olefile

from pipelines.sources.reading import UnreadableError
from pipelines.sources.workbook_survey import Survey
from quality.rules import reading as rules

_BOF, _EOF, _BOUNDSHEET, _SUPBOOK, _FORMULA, _BOOLERR = 0x0809, 0x000A, 0x0085, 0x01AE, 0x0006, 0x0205
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


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """(type, content) of the records from `position` to the end of that substream."""
    depth = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + length]
        position += 4 + length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return


def _sheet_positions(stream: bytes) -> list[int]:
    """Where each sheet's substream begins.

    Raises:
        UnreadableError: the workbook has links to others.
    """
    positions = []
    for kind, content in _records(stream, 0):
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


def survey_records(stream: bytes, position: int) -> Survey:
    """The formula errors of the sheet at `position` (from 0) of a BIFF stream.

    Raises:
        UnreadableError: links to other workbooks.
    """
    starts = _sheet_positions(stream)
    errors: dict[tuple[int, int], str] = {}
    for kind, content in _records(stream, starts[position]) if position < len(starts) else ():
        code = _error_code(kind, content)
        if code is not None:
            row, column = struct.unpack_from("<HH", content)
            errors[(row, column)] = _ERRORS.get(code, f"#ERROR {code}")
    return Survey(errors)


def survey_xls(file: Path, position: int) -> Survey:
    """The formula errors of the sheet at `position` (from 0); calamine knows its merged cells.

    Raises:
        UnreadableError: macros, links to other workbooks.
    """
    with olefile.OleFileIO(str(file)) as compound:
        if compound.exists(_PROJECT):
            raise UnreadableError(rules.MACROS.finding(part=_PROJECT))
        with compound.openstream("Workbook" if compound.exists("Workbook") else "Book") as opened:
            return survey_records(opened.read(), position)
