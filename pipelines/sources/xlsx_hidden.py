"""What of an XLSX workbook nobody looks at, and everybody gets who gets the file (standards.md 7 and 8 no. 25).

That are comments, hidden sheets beside the one that is read, document properties, and the sheets' names.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from pipelines.sources.hidden_text import A_COMMENT, A_HIDDEN_SHEET, THE_PROPERTIES, HiddenText, letters_of, sheet_name
from pipelines.sources.workbook_survey import parse_xml
from pipelines.sources.xlsx_parts import SheetPart, relations, sheets

_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")
_PROPERTIES = ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml")
_SHARED = "xl/sharedStrings.xml"
_CHUNK = 1 << 20
_HIDDEN = rb"[^<>]*\bhidden=[\"'](?:1|true)[\"']"
_ROW = re.compile(rb"<(?:\w+:)?row\s(?=" + _HIDDEN + rb")[^<>]*?\br=[\"']([0-9]+)[\"']")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s(?=" + _HIDDEN + rb")[^<>]*")
_ENDS = re.compile(rb"\b(min|max)=[\"']([0-9]+)[\"']")


class _Texts:
    """Collects the text of each element of a kind, with the attributes that it has."""

    def __init__(self, *kinds: str, of: frozenset[str]) -> None:
        self.found: list[tuple[dict[str, str], str]] = []
        self._kinds, self._of = kinds, of
        self._attributes: dict[str, str] | None = None
        self._inside = False
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self._kinds:
            self._attributes, self._text = attributes, []
        self._inside = self._attributes is not None and name in self._of

    def text(self, text: str) -> None:
        if self._inside:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._inside = False
        if name in self._kinds and self._attributes is not None:
            self.found.append((self._attributes, "".join(self._text)))
            self._attributes = None


def _texts(
    archive: zipfile.ZipFile, part: str, *kinds: str, of: frozenset[str] = frozenset({"t"})
) -> list[tuple[dict[str, str], str]]:
    """(attributes, text) of the elements of those kinds; their text is that of the elements `of` inside them."""
    if part not in archive.namelist():
        return []
    texts = _Texts(*kinds, of=of)
    with archive.open(part) as stream:
        parse_xml(stream, start=texts.start, end=texts.end, text=texts.text, format="xlsx")
    return texts.found


def _place(reference: str) -> tuple[str, int | None]:
    found = _REFERENCE.fullmatch(reference)
    return (found[1], int(found[2])) if found else ("", None)


def _comments(archive: zipfile.ZipFile, sheet: SheetPart) -> Iterator[HiddenText]:
    for _identifier, kind, part in relations(archive, sheet.part):
        if kind in ("comments", "threadedComment"):
            for attributes, text in _texts(archive, part, "comment", "threadedComment", of=frozenset({"t", "text"})):
                column, row = _place(attributes.get("ref", ""))
                yield HiddenText(text, A_COMMENT, sheet.name, row, column)


def _cells(archive: zipfile.ZipFile, sheet: SheetPart, shared: list[str]) -> Iterator[HiddenText]:
    for attributes, text in _texts(archive, sheet.part, "c", of=frozenset({"v", "t"})):
        is_shared = attributes.get("t") == "s" and text.isdigit() and int(text) < len(shared)
        column, row = _place(attributes.get("r", ""))
        yield HiddenText(shared[int(text)] if is_shared else text, A_HIDDEN_SHEET, sheet.name, row, column)


def _properties(archive: zipfile.ZipFile) -> Iterator[HiddenText]:
    for part in _PROPERTIES:
        found: list[str] = []
        if part in archive.namelist():
            with archive.open(part) as stream:
                parse_xml(stream, start=lambda _name, _attributes: None, text=found.append, format="xlsx")
        yield from (HiddenText(text, THE_PROPERTIES) for text in found)


def hidden_texts(archive: zipfile.ZipFile, read: str) -> Iterator[HiddenText]:
    """Every text of a workbook that hides, but for the cells of the sheet `read`, which are judged as data.

    Raises:
        UnreadableError: a part's XML is broken.
    """
    own = sheets(archive)
    shared: list[str] | None = None
    for position, sheet in enumerate(own, start=1):
        yield sheet_name(sheet.name, position)
        yield from _comments(archive, sheet)
        if sheet.hidden and sheet.name != read:
            shared = shared if shared is not None else [text for _, text in _texts(archive, _SHARED, "si")]
            yield from _cells(archive, sheet, shared)
    yield from _properties(archive)


def _pieces(archive: zipfile.ZipFile, sheet: str) -> Iterator[bytes]:
    """The sheet's XML in pieces that each begin with a tag and end before one."""
    part = next((own.part for own in sheets(archive) if own.name == sheet), None)
    if part is None:
        return
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            piece, mark, tail = (rest + chunk).rpartition(b"<")
            yield piece
            rest = mark + tail
        yield rest


def hidden_rows(archive: zipfile.ZipFile, sheet: str) -> Iterator[int]:
    """The numbers of a sheet's hidden rows."""
    for piece in _pieces(archive, sheet):
        if b"hidden=" in piece:
            yield from (int(number) for number in _ROW.findall(piece))


def hidden_columns(archive: zipfile.ZipFile, sheet: str) -> Iterator[str]:
    """The letters of a sheet's hidden columns."""
    for piece in _pieces(archive, sheet):
        for column in _COLUMN.findall(piece) if b"hidden=" in piece else ():
            ends = {name: int(number) for name, number in _ENDS.findall(column)}
            first, last = ends.get(b"min", 1), ends.get(b"max", 0)
            yield from letters_of(first, last)
        if b"sheetData" in piece:  # columns stand before it
            return
