"""What of an ODS workbook nobody looks at: comments and properties, hidden rows and columns (standards.md 8 no. 25)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from pipelines.sources.hidden_text import A_COMMENT, THE_PROPERTIES, HiddenText, letters, letters_of
from pipelines.sources.workbook_survey import parse_xml

_CELLS = ("table-cell", "covered-table-cell")
_UNSEEN = ("collapse", "filter")


class _Walk:
    """Walks content.xml, counting rows and columns, and keeps what isn't seen."""

    def __init__(self) -> None:
        self.comments: list[HiddenText] = []
        self.rows: list[tuple[str, int]] = []
        self.columns: list[tuple[str, str]] = []
        self._sheet = ""
        self._row = self._column = self._head = 0
        self._row_times = self._cell_times = 1
        self._hidden = self._filled = False
        self._comment: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._sheet = attributes.get("name", "")
            self._row = self._head = 0
        elif name == "table-column":
            self._start_column(attributes)
        elif name == "table-row":
            self._column, self._filled = 0, False
            self._row_times = int(attributes.get("number-rows-repeated", 1))
            self._hidden = attributes.get("visibility") in _UNSEEN
        elif name in _CELLS:
            self._cell_times = int(attributes.get("number-columns-repeated", 1))
            self._filled = self._filled or "value-type" in attributes
        elif name == "annotation":
            self._comment = []

    def _start_column(self, attributes: dict[str, str]) -> None:
        first = self._head + 1
        self._head += int(attributes.get("number-columns-repeated", 1))
        if attributes.get("visibility") in _UNSEEN:
            self.columns.extend((self._sheet, one) for one in letters_of(first, self._head))

    def text(self, text: str) -> None:
        if self._comment is not None:
            self._comment.append(text)

    def end(self, name: str) -> None:
        if name == "annotation" and self._comment is not None:
            place = (self._sheet, self._row + 1, letters(self._column + 1))
            self.comments.append(HiddenText("".join(self._comment), A_COMMENT, *place))
            self._comment = None
        elif name in _CELLS:
            self._column += self._cell_times
        elif name == "table-row":
            if self._hidden and self._filled:  # rows to the sheet's edge may be hidden, and have nothing to hide
                first = self._row + 1
                self.rows.extend((self._sheet, number) for number in range(first, first + self._row_times))
            self._row += self._row_times


def _walked(archive: zipfile.ZipFile) -> _Walk:
    walk = _Walk()
    with archive.open("content.xml") as stream:
        parse_xml(stream, start=walk.start, end=walk.end, text=walk.text, format="ods")
    return walk


def comments_and_properties(archive: zipfile.ZipFile) -> Iterator[HiddenText]:
    """The texts of all comments, and of the document's properties.

    Raises:
        UnreadableError: a part's XML is broken.
    """
    yield from _walked(archive).comments
    found: list[str] = []
    if "meta.xml" in archive.namelist():
        with archive.open("meta.xml") as stream:
            parse_xml(stream, start=lambda _name, _attributes: None, text=found.append, format="ods")
    yield from (HiddenText(text, THE_PROPERTIES) for text in found)


def hidden_rows_and_columns(archive: zipfile.ZipFile, sheet: str) -> tuple[list[int], list[str]]:
    """The numbers of a sheet's hidden rows that have values, and the letters of its hidden columns."""
    walk = _walked(archive)
    return [row for own, row in walk.rows if own == sheet], [column for own, column in walk.columns if own == sheet]
