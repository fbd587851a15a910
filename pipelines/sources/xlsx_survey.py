"""The survey of an XLSX sheet: formula errors, extent, formulas that call the web, parts that no source may have."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from pipelines.sources.reading import UnreadableError
from pipelines.sources.workbook_survey import Survey, check_extent, column_number, parse_xml
from pipelines.sources.xlsx_parts import sheets
from quality.rules import reading as rules
from quality.rules.rule import Rule

_CHUNK = 1 << 20
_PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\s[^<>]*?\br=[\"']([A-Z]*)(\d+)[\"']")
_ERROR = re.compile(rb"<(?:\w+:)?c\s[^<>]*\bt=[\"']e[\"']")
_ERROR_MARKS = (b't="e"', b"t='e'")
_WEB_MARKS = (b"WEBSERVICE(", b"RTD(")
_WEB = re.compile(rb"<(?:\w+:)?f[^<>]*>[^<]*\b(WEBSERVICE|RTD)\(")
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")
_UNWANTED: tuple[tuple[str, Rule], ...] = (
    ("xl/vbaProject", rules.MACROS),
    ("xl/macrosheets/", rules.MACROS),
    ("xl/externalLinks/", rules.EXTERNAL_LINKS),
    ("xl/connections.xml", rules.EXTERNAL_LINKS),
    ("xl/embeddings/", rules.EMBEDDED_OBJECT),
    ("xl/activeX/", rules.EMBEDDED_OBJECT),
)


def refuse_active_parts(archive: zipfile.ZipFile) -> None:
    """Pass an archive without macros, external links and embedded documents (standards.md 8 no. 25).

    Raises:
        UnreadableError: with one finding per kind.
    """
    found: dict[str, tuple[Rule, str]] = {}
    for name in archive.namelist():
        for start, rule in _UNWANTED:
            if name.lower().startswith(start.lower()):
                found.setdefault(rule.code, (rule, name))
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in archive.namelist() else b""
    if b"macroEnabled" in types:
        found.setdefault(rules.MACROS.code, (rules.MACROS, "[Content_Types].xml"))
    if found:
        raise UnreadableError(*(rule.finding(part=part) for rule, part in found.values()))


def _part_of(archive: zipfile.ZipFile, name: str) -> str | None:
    """The archive's part that holds the sheet."""
    return next((sheet.part for sheet in sheets(archive) if sheet.name == name), None)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The XML in pieces that each begin with a tag and end before one."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        piece, mark, tail = (rest + chunk).rpartition(b"<")
        yield piece
        rest = mark + tail
    yield rest


def _scan(stream: IO[bytes], sheet: str) -> bool:
    """Whether the sheet has formula errors; its extent is checked on the way.

    Raises:
        UnreadableError: cells too far out, or a formula that calls the web.
    """
    rows, columns, errors = 0, set[bytes](), False
    for piece in _pieces(stream):
        places = _PLACE.findall(piece)
        rows = max([rows, *map(int, {digits for _, digits in places})])
        columns.update({letters for letters, _ in places})
        # Looking for a word is much faster than matching a pattern, and most pieces have none of these.
        errors = errors or any(mark in piece for mark in _ERROR_MARKS) and _ERROR.search(piece) is not None
        web = _WEB.search(piece) if any(mark in piece for mark in _WEB_MARKS) else None
        if web:
            raise UnreadableError(rules.EXTERNAL_LINKS.finding(sheet=sheet, part=f"the formula {web[1].decode()}"))
    check_extent(rows, max((column_number(letters.decode()) for letters in columns), default=0), sheet)
    return errors


class _Errors:
    """Collects the error cells of a sheet's XML; a cell without a reference follows the one before."""

    def __init__(self) -> None:
        self.found: dict[tuple[int, int], str] = {}
        self._row = self._column = -1
        self._faulty = self._inside = False
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
        elif name == "c":
            place = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = column_number(place[1]) - 1 if place else self._column + 1
            self._row = int(place[2]) - 1 if place else self._row
            self._faulty = attributes.get("t") == "e"
        self._inside = self._faulty and name == "v"

    def text(self, text: str) -> None:
        if self._inside:
            self._text += text

    def end(self, name: str) -> None:
        if name == "v" and self._inside:
            self.found[(self._row, self._column)] = self._text
            self._text, self._inside = "", False


def survey_xlsx(archive: zipfile.ZipFile, sheet: str) -> Survey:
    """The formula errors of a sheet; calamine knows its merged cells.

    Raises:
        UnreadableError: the sheet is too large, calls the web, or its XML is broken.
    """
    part = _part_of(archive, sheet)
    if part is None:
        return Survey()
    with archive.open(part) as stream:
        if not _scan(stream, sheet):
            return Survey()
    errors = _Errors()
    with archive.open(part) as stream:
        parse_xml(stream, start=errors.start, end=errors.end, text=errors.text, format="xlsx")
    return Survey(errors.found)
