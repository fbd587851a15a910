"""The careful reading of delimited text: row by row, exact in where a fault lies, for files that aren't plain.

It counts records as a spreadsheet shows them (a quoted line break is no new row, a blank line is one), and reads the
same cells as DuckDB where both can read a file (a property test holds them together).
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.sources.reading import Tally, UnreadableError
from pipelines.sources.rows import write_rows
from quality.footer import Footer
from quality.rules import reading as rules

_LARGEST_CELL = 1 << 24


@dataclass(frozen=True)
class Dialect:
    """How the text is delimited; `quote` and `escape` may be empty."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'

    def as_facts(self) -> dict[str, str]:
        """The dialect in the words of a Table Dialect."""
        return {"delimiter": self.delimiter, "quoteChar": self.quote, "escapeChar": self.escape}


def records(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """(record number from 1, cells) of a UTF-8 file; a blank line is a record without cells.

    Raises:
        UnreadableError: a quote that never closes or that text follows, with the record it stands in.
    """
    csv.field_size_limit(_LARGEST_CELL)
    doubled = dialect.escape in ("", dialect.quote)
    number = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(
            file,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            doublequote=doubled,
            escapechar=None if doubled else dialect.escape,
            strict=True,
        )
        try:
            for number, cells in enumerate(reader, start=1):  # noqa: B007 - read in the except clause
                yield number, cells
        except csv.Error as error:
            rule = rules.STRAY_QUOTE if "expected after" in str(error) else rules.UNCLOSED_QUOTE
            raise UnreadableError(rule.finding(row=number + 1)) from error


@dataclass(frozen=True)
class Body:
    """What was below the headings: how many rows, the blank ones that were passed over, and what was cut off."""

    rows: int
    blank: Tally
    footers: tuple[Footer, ...] = ()


class _Shape:
    """Judges the shape of rows while they stream by; tallies the blank and the ragged ones."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self.tally = Tally()
        self.footers: list[tuple[int, list[str]]] = []

    def fits(self, number: int, cells: Sequence[str]) -> bool:
        """Whether a record is a row of the table."""
        if not any(cells) or (len(cells) == 1 < self._columns and not cells[0].strip()):
            self.tally.add(rules.BLANK_ROW, row=number)
            return False
        if len(cells) == self._columns:
            return True
        self.tally.add(rules.RAGGED_ROW, row=number, cells=len(cells), columns=self._columns)
        return False


def _body(path: Path, dialect: Dialect, first: int, footer: int, shape: _Shape) -> Iterator[tuple[int, list[str]]]:
    """Rows from record `first` on but the last `footer`, those that fit the shape."""
    waiting: deque[tuple[int, list[str]]] = deque()
    for number, cells in records(path, dialect):
        if number < first:
            continue
        waiting.append((number, cells))
        if len(waiting) > footer:
            row = waiting.popleft()
            if shape.fits(*row):
                yield row
    shape.footers = list(waiting)


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    dialect: Dialect,
    headings: Sequence[str],
    *,
    header_row: int,
    footer_rows: int,
) -> Body:
    """Fill EXTRACT from the UTF-8 file `path`.

    Raises:
        UnreadableError: ragged rows (all counted, the first shown) or a broken quote.
    """
    shape = _Shape(len(headings))
    rows = write_rows(connection, headings, _body(path, dialect, header_row + 1, footer_rows, shape))
    if rules.RAGGED_ROW.code in shape.tally.counts:
        ragged_first = sorted(shape.tally.findings, key=lambda found: found.rule != rules.RAGGED_ROW.code)
        raise UnreadableError(*ragged_first, counts=shape.tally.counts)
    footers = (Footer(number, dict(zip(headings, cells, strict=False))) for number, cells in shape.footers)
    return Body(rows, shape.tally, tuple(footers))
