"""What of an XLS workbook nobody looks at: comments and text boxes, properties, hidden rows and columns.

From the records of its BIFF stream ([MS-XLS] 2.4), and the property streams beside it (standards.md 8 no. 25).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import olefile

from pipelines.sources.hidden_text import A_COMMENT, THE_PROPERTIES, HiddenText, letters, letters_of
from pipelines.sources.xls_survey import biff_stream, records, sheet_positions

_OBJ, _TXO, _CONTINUE, _NOTE, _ROW, _COLINFO = 0x005D, 0x01B6, 0x003C, 0x001C, 0x0208, 0x007D
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x20, 0x01
_SPOKEN = ("title", "subject", "author", "keywords", "comments", "last_saved_by", "manager", "company", "category")


def _characters(pieces: Sequence[bytes], count: int) -> str:
    """A text of so many characters in CONTINUE records, each of which says whether it has one or two bytes for each."""
    text = ""
    for piece in pieces:
        left = count - len(text)
        if left > 0 and piece:
            wide = piece[0] & 1
            text += piece[1 : 1 + left * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")
    return text


class _Sheet:
    """What a sheet's records say: texts of objects by their number, where notes stand, and what is hidden."""

    def __init__(self, stream: bytes, start: int) -> None:
        self.texts: dict[int, str] = {}
        self.notes: dict[int, tuple[int, int]] = {}
        self.rows: list[int] = []
        self.columns: list[str] = []
        found = [*records(stream, start)]
        number = 0
        for position, (kind, content) in enumerate(found):
            if kind == _OBJ and len(content) >= 8:
                number = struct.unpack_from("<H", content, 6)[0]
            elif kind == _TXO and len(content) >= 12:
                self.texts[number] = _characters(_continued(found, position), struct.unpack_from("<H", content, 10)[0])
            elif kind == _NOTE and len(content) >= 8:
                row, column, _flags, own = struct.unpack_from("<HHHH", content)
                self.notes[own] = (row, column)
            elif kind == _ROW and len(content) >= 14 and struct.unpack_from("<H", content, 12)[0] & _ROW_HIDDEN:
                self.rows.append(struct.unpack_from("<H", content)[0] + 1)
            elif kind == _COLINFO and len(content) >= 10 and struct.unpack_from("<H", content, 8)[0] & _COLUMN_HIDDEN:
                first, last = struct.unpack_from("<HH", content)
                self.columns.extend(letters_of(first + 1, last + 1))


def _continued(found: Sequence[tuple[int, bytes]], position: int) -> list[bytes]:
    pieces = []
    for kind, content in found[position + 1 :]:
        if kind != _CONTINUE:
            break
        pieces.append(content)
    return pieces


def texts_of_objects(stream: bytes, names: Sequence[str]) -> Iterator[HiddenText]:
    """The texts of comments and text boxes in a BIFF stream, whose sheets have these names."""
    for start, name in zip(sheet_positions(stream), names, strict=False):
        sheet = _Sheet(stream, start)
        for number, text in sheet.texts.items():
            place = sheet.notes.get(number)
            if place:
                yield HiddenText(text, A_COMMENT, name, place[0] + 1, letters(place[1] + 1))
            else:
                yield HiddenText(text, "a text box", name)


def comments_and_properties(file: Path, names: Sequence[str]) -> Iterator[HiddenText]:
    """The texts of all comments and text boxes, and of the document's properties."""
    yield from texts_of_objects(biff_stream(file), names)
    with olefile.OleFileIO(str(file)) as compound:
        told = compound.get_metadata()
    for name in _SPOKEN:
        value = getattr(told, name, None)
        if value:
            text = value.decode(_encoding(told), "replace") if isinstance(value, bytes) else str(value)
            yield HiddenText(text, THE_PROPERTIES)


def _encoding(told: olefile.OleMetadata) -> str:
    return {936: "gb18030", 65001: "utf-8"}.get(getattr(told, "codepage", 0), "latin-1")


def hidden_rows_and_columns(file: Path, position: int) -> tuple[list[int], list[str]]:
    """The numbers of a sheet's hidden rows, and the letters of its hidden columns; `position` of the sheet, from 0."""
    stream = biff_stream(file)
    sheet = _Sheet(stream, sheet_positions(stream)[position])
    return sheet.rows, sheet.columns
