"""A table or query of an SQLite file, by the standard library.

SQLite gives each value its own type, whatever its column says: `'007'` may stand in an INTEGER column, and a word in a
DATE column. DuckDB's scanner gives a column one type and refuses or converts what does not fit; the standard library
hands over each value as it is.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import duckdb

from pipelines.engines.duck import quote_name
from pipelines.sources.file_kind import kind_of
from pipelines.sources.reading import HEAD_ROWS, Head, Reading, UnreadableError, check_headings
from pipelines.sources.rows import write_rows
from quality.rules import reading as rules
from resource_catalog.entry import Source

_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"


def _value_text(value: str | int | float | bytes | None) -> str | None:
    """A value as text: numbers in their shortest exact spelling, bytes in base64."""
    match value:
        case None | str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case float():
            return repr(value)
    return str(value)


def _table_name(database: sqlite3.Connection, table: str) -> str:
    """The quoted name of a table or view; `main.` before it may be left out."""
    known = {name for (name,) in database.execute(_TABLES)}
    name = table if table in known else table.removeprefix("main.")
    if name not in known:
        raise UnreadableError(rules.MISSING_TABLE.finding(table=table, user="anyone"))
    return quote_name(name)


def _select(database: sqlite3.Connection, source: Source) -> sqlite3.Cursor:
    query = source.query or f"SELECT * FROM {_table_name(database, source.table or '')}"
    cursor = database.execute(query)
    if cursor.description is None:
        raise UnreadableError(rules.QUERY_REFUSED.finding(place="the query", detail="it gives no rows"))
    return cursor


def _not_utf_8(error: UnicodeDecodeError, row: int) -> UnreadableError:
    octet = error.object[error.start]
    return UnreadableError(rules.ENCODING.finding(row=row, byte=error.start, octet=octet, encoding="utf-8"))


def _numbered(cursor: sqlite3.Cursor) -> Iterator[tuple[int, list[str | None]]]:
    number = 0
    try:
        for number, row in enumerate(cursor, start=1):  # noqa: B007 - read in the except clause
            yield number, [_value_text(value) for value in row]
    except UnicodeDecodeError as error:
        raise _not_utf_8(error, number + 1) from error


def _read(connection: duckdb.DuckDBPyConnection, database: sqlite3.Connection, source: Source) -> Reading:
    # One statement sees one state of the file, however long it runs (sqlite.org/isolation.html).
    cursor = _select(database, source)
    headings = check_headings([column[0] for column in cursor.description], row=None)
    return Reading(headings, write_rows(connection, headings, _numbered(cursor)), encoding="utf-8")


@contextmanager
def _opened(file: Path, source: Source) -> Iterator[sqlite3.Connection]:
    """The SQLite file, opened for reading only; what it says against its table or query is a finding."""
    kind = kind_of(file)
    if kind != "an SQLite database":
        detail = f"its content looks like {kind}" if file.stat().st_size else "it is empty"
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format="SQLite database", detail=detail))
    address = f"file:{quote(str(file))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.text_factory = lambda octets: octets.decode("utf-8")
            yield database
    except sqlite3.Error as error:
        place = f"the table {source.table}" if source.table else "the query"
        raise UnreadableError(rules.QUERY_REFUSED.finding(place=place, detail=str(error))) from error


def _kind(values: list[str | int | float | bytes | None]) -> str:
    """The type that all values have, as a head has it; "" where they are text or mixed."""
    kinds = {type(value) for value in values if value is not None}
    return {int: "integer", float: "number"}.get(kinds.pop(), "") if len(kinds) == 1 else ""


def head_of_sqlite(file: Path, source: Source) -> Head:
    """The headings and first rows of a table or query, and the types that the values there have.

    Raises:
        UnreadableError: no SQLite file, no such table, a query that fails.
    """
    with _opened(file, source) as database:
        cursor = _select(database, source)
        headings = check_headings([column[0] for column in cursor.description], row=None)
        rows: list[tuple[str | int | float | bytes | None, ...]] = []
        try:
            rows.extend(islice(cursor, HEAD_ROWS))
        except UnicodeDecodeError as error:
            raise _not_utf_8(error, len(rows) + 1) from error
    columns = zip(headings, zip(*rows, strict=True), strict=False)
    kinds = {heading: kind for heading, values in columns if (kind := _kind(list(values)))}
    return Head(headings, [[_value_text(value) for value in row] for row in rows], kinds)


def read_sqlite(connection: duckdb.DuckDBPyConnection, file: Path, source: Source) -> Reading:
    """Fill EXTRACT from one table or query of an SQLite file, which is opened for reading only.

    Raises:
        UnreadableError: no SQLite file, no such table, a query that fails, text that is no UTF-8.
    """
    with _opened(file, source) as database:
        return _read(connection, database, source)
