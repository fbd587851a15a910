"""XLSX, XLS and ODS: one sheet, its headings (over several rows too), its cells as text."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.sources.cell_text import Cell, FormulaError, cell_text, is_blank, lost_digits
from pipelines.sources.characters import refuse_characters
from pipelines.sources.headings import Expected
from pipelines.sources.hidden_places import hidden_cells, hidden_personal_data
from pipelines.sources.reading import HEAD_ROWS, Head, Reading, Tally, UnreadableError, check_headings
from pipelines.sources.rows import write_rows
from pipelines.sources.sheet_grid import Row, first_column, rows_of
from pipelines.sources.workbook_file import OpenSheet, open_sheet
from quality.footer import Footer
from quality.rules import reading as rules
from resource_catalog.entry import Source

#: How far down, and over how many rows, headings are looked for where the entry does not say where they stand.
_SEARCHED, _DEEPEST = 20, 3


@dataclass(frozen=True)
class _Headings:
    """The headings, the rows they stand in (0, 0 where there are none), and the columns they cover, from 0."""

    names: tuple[str, ...]
    rows: tuple[int, int]
    columns: range

    @property
    def place(self) -> str:
        """The header row as an entry would declare it."""
        first, last = self.rows
        return str(first) if first == last else f"{first}-{last}"


def _blank(cells: Iterable[Cell]) -> bool:
    return all(is_blank(cell) for cell in cells)


def _join(levels: Iterable[str]) -> str:
    """Headings of several levels as one; a level that repeats the one above (a merged cell) counts once."""
    joined: list[str] = []
    for level in levels:
        if level.strip() and (not joined or joined[-1] != level):
            joined.append(level)
    return "_".join(joined)


def _candidates(opened: OpenSheet) -> Iterator[tuple[tuple[int, int], list[str]]]:
    """(first and last row, the headings if they stood there): the upper rows first, and one row before several."""
    levels: deque[list[str]] = deque(maxlen=_DEEPEST)
    for number, cells in islice(rows_of(opened), _SEARCHED):
        levels.append([cell_text(cell) or "" for cell in cells])
        for depth in range(1, len(levels) + 1):
            columns = zip(*list(levels)[-depth:], strict=True)
            yield (number - depth + 1, number), [_join(column).strip() for column in columns]


def _find_header_rows(opened: OpenSheet, expected: Expected) -> tuple[int, int]:
    """The first rows with all of the expected fields, or else with most of them, or else the first with anything."""
    best: tuple[int, int] | None = None
    most = len(expected.names) // 2
    for rows, headings in _candidates(opened):
        met = expected.met(headings)
        if met > most:
            best, most = rows, met
        if best and most == len(expected.names):
            break
    if best:
        return best
    used = next(number for number, cells in rows_of(opened) if not _blank(cells))
    return used, used


def _header_rows(opened: OpenSheet, source: Source, expected: Expected) -> tuple[int, int]:
    if isinstance(source.header_row, tuple):
        return source.header_row
    if source.header_row is None:
        return _find_header_rows(opened, expected)
    return source.header_row, source.header_row


def _covered(opened: OpenSheet, names: Sequence[str], last_header: int) -> range:
    """The columns without those at either edge that have neither a heading nor a value below."""
    left = next((index for index, name in enumerate(names) if name.strip()), len(names))
    right = len(names) - next((index for index, name in enumerate(reversed(names)) if name.strip()), len(names))
    if left == 0 and right == len(names):
        return range(len(names))
    for number, cells in rows_of(opened):
        if number > last_header:
            filled = [index for index, cell in enumerate(cells) if not is_blank(cell)]
            left, right = min([left, *filled]), max([right, *(index + 1 for index in filled)])
    return range(left, max(left, right))


def _read_headings(opened: OpenSheet, source: Source, expected: Expected) -> _Headings:
    first, last = _header_rows(opened, source, expected)
    if last == 0:
        width = max(len(cells) for _, cells in rows_of(opened))
        numbered = tuple(f"column{position}" for position in range(1, width + 1))
        return _Headings(expected.names if len(expected.names) == width else numbered, (0, 0), range(width))
    head = [(number, cells) for number, cells in islice(rows_of(opened), last) if number >= first]
    if not head or head[-1][0] != last:
        reached = sum(1 for _ in rows_of(opened))
        raise UnreadableError(rules.MISSING_HEADER_ROW.finding(sheet=opened.name, row=last, last=reached))
    columns = zip(*([cell_text(cell) or "" for cell in cells] for _, cells in head), strict=True)
    names = [_join(levels) for levels in columns]
    covered = _covered(opened, names, last)
    start = first_column(opened) + covered.start
    kept = [names[index] for index in covered] or [""]
    return _Headings(check_headings(kept, row=last, sheet=opened.name, start=start), (first, last), covered)


class _Body:
    """The rows below the headings without blank ones and footers; tallies the blank ones and what is wrong."""

    def __init__(self, opened: OpenSheet, headings: _Headings, footer_rows: int) -> None:
        self._opened = opened
        self._headings = headings
        self._footer_rows = footer_rows
        self.tally = Tally()
        self.footers: tuple[Footer, ...] = ()

    def _without_footer(self) -> Iterator[Row]:
        """Rows up to the last one that is not blank, but for the footers above it."""
        waiting: deque[Row] = deque()
        blank: list[Row] = []
        for number, cells in rows_of(self._opened):
            if number <= self._headings.rows[1]:
                continue
            blank.append((number, cells))
            if not _blank(cells):
                waiting.extend(blank)
                blank = []
            while len(waiting) > self._footer_rows:
                yield waiting.popleft()
        self.footers = tuple(map(self._footer, waiting))

    def _footer(self, row: Row) -> Footer:
        number, cells = row
        columns = zip(self._headings.names, self._headings.columns, strict=True)
        texts = {heading: cell_text(cells[index]) for heading, index in columns}
        return Footer(number, {heading: text for heading, text in texts.items() if text})

    def _text(self, number: int, heading: str, cell: Cell) -> str | None:
        if isinstance(cell, str):
            return cell or None
        text = cell_text(cell)
        rule = rules.CELL_ERROR if isinstance(cell, FormulaError) else rules.PRECISION_LOST
        if rule is rules.CELL_ERROR or lost_digits(cell):
            self.tally.add(rule, sheet=self._opened.name, row=number, column=heading, value=text)
        return text

    def __iter__(self) -> Iterator[tuple[int, list[str | None]]]:
        columns = list(zip(self._headings.names, self._headings.columns, strict=True))
        for number, cells in self._without_footer():
            if _blank(cells):
                self.tally.add(rules.BLANK_ROW, sheet=self._opened.name, row=number)
                continue
            yield number, [self._text(number, heading, cells[index]) for heading, index in columns]


def _open_filled(file: Path, source: Source) -> OpenSheet:
    opened = open_sheet(file, source)
    if opened.sheet.start is None and not opened.survey.errors:
        raise UnreadableError(rules.EMPTY_SHEET.finding(sheet=opened.name))
    return opened


def head_of_workbook(file: Path, source: Source, *, expected: Expected) -> Head:
    """The headings and first rows of one sheet; the arguments are those of `read_workbook`.

    Raises:
        UnreadableError: no such workbook or sheet, or its headings can't be read.
    """
    opened = _open_filled(file, source)
    headings = _read_headings(opened, source, expected)
    first = islice(rows_of(opened), headings.rows[1], headings.rows[1] + HEAD_ROWS)
    rows = [[cell_text(cells[index]) for index in headings.columns] for _, cells in first]
    return Head(headings.names, rows)


def read_workbook(connection: duckdb.DuckDBPyConnection, file: Path, source: Source, *, expected: Expected) -> Reading:
    """Fill EXTRACT from one sheet of a workbook.

    Args:
        connection: A work connection; the workbook is not read through it.
        file: The workbook.
        source: What the entry declares of it: format, sheet, hidden, header_row, footer_rows.
        expected: The schema's fields, by which the header rows are found where the entry does not say them, and which
            name the columns of a sheet without headings. `dialect["header_row"]` says which rows were taken.

    Raises:
        UnreadableError: no such workbook or sheet, or its shape is broken.
    """
    opened = _open_filled(file, source)
    headings = _read_headings(opened, source, expected)
    body = _Body(opened, headings, source.footer_rows)
    for finding in (*hidden_personal_data(file, opened.name), *hidden_cells(file, opened.name)):
        body.tally.keep(finding)
    rows = write_rows(connection, headings.names, body)
    refuse_characters(connection, headings.names, sheet=opened.name)
    dialect = {"header_row": headings.place}
    dialect |= {"footer_rows": str(source.footer_rows)} if source.footer_rows else {}
    return Reading(
        headings.names,
        rows,
        sheet=opened.name,
        dialect=dialect,
        findings=body.tally.findings,
        counts=body.tally.counts,
        footers=body.footers,
    )
