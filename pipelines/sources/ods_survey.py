"""The survey of the sheets of an ODS: formula errors, merged cells, extent, links, parts that no source may have."""

from __future__ import annotations

import zipfile

from pipelines.sources.reading import UnreadableError
from pipelines.sources.workbook_survey import Block, Survey, check_extent, parse_xml
from quality.rules import reading as rules

_CELLS = ("table-cell", "covered-table-cell")
_LINKS = ("table-source", "cell-range-source", "dde-link", "dde-source")


def refuse_scripts(archive: zipfile.ZipFile) -> None:
    """Pass an archive without macros.

    Raises:
        UnreadableError: it has some.
    """
    part = next((name for name in archive.namelist() if name.startswith(("Basic/", "Scripts/"))), None)
    if part:
        raise UnreadableError(rules.MACROS.finding(part=part))


class _Walk:
    """Walks content.xml and keeps what calamine does not tell of each sheet."""

    def __init__(self) -> None:
        self.surveys: dict[str, Survey] = {}
        self._sheet: str | None = None
        self._errors: dict[tuple[int, int], str] = {}
        self._merged: list[Block] = []
        self._row = self._column = self._rows = self._columns = 0
        self._row_times = self._cell_times = 1
        self._filled = False
        self._error: tuple[int, int] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _LINKS:
            raise UnreadableError(rules.EXTERNAL_LINKS.finding(part=name))
        if name == "table":
            self._sheet = attributes.get("name", "")
            self._errors, self._merged = {}, []
            self._row = self._rows = self._columns = 0
        elif self._sheet is not None and name == "table-row":
            self._column, self._filled = 0, False
            self._row_times = int(attributes.get("number-rows-repeated", 1))
        elif self._sheet is not None and name in _CELLS:
            self._start_cell(attributes)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cell_times = int(attributes.get("number-columns-repeated", 1))
        down, right = (int(attributes.get(f"number-{way}-spanned", 1)) for way in ("rows", "columns"))
        if down > 1 or right > 1:
            self._merged.append((self._row, self._column, self._row + down - 1, self._column + right - 1))
        if "value-type" in attributes:
            self._filled = True
            self._columns = max(self._columns, self._column + self._cell_times)
        # The standard's own value-type of such a cell is string.
        if attributes.get("calcext:value-type") == "error":
            self._error = (self._row, self._column)
            self._errors[self._error] = ""

    def text(self, text: str) -> None:
        if self._error is not None:
            self._errors[self._error] += text.strip()

    def end(self, name: str) -> None:
        if self._sheet is None:
            return
        if name in _CELLS:
            self._column += self._cell_times
            self._error = None
        elif name == "table-row":
            self._row += self._row_times
            self._rows = self._row if self._filled else self._rows
        elif name == "table":
            check_extent(self._rows, self._columns, self._sheet)
            self.surveys[self._sheet] = Survey(self._errors, self._merged)
            self._sheet = None


def survey_ods(archive: zipfile.ZipFile) -> dict[str, Survey]:
    """The formula errors and merged cells of each sheet by its name; to be called before calamine opens the file.

    Raises:
        UnreadableError: a sheet is too large or has links, or the XML is broken.
    """
    walk = _Walk()
    with archive.open("content.xml") as stream:
        parse_xml(stream, start=walk.start, end=walk.end, text=walk.text, format="ods")
    return walk.surveys
