"""Parquet: every column as text without loss, by DuckDB in the work connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.sources.characters import refuse_characters
from pipelines.sources.file_kind import kind_of
from pipelines.sources.reading import HEAD_ROWS, Head, Reading, UnreadableError, check_headings
from pipelines.sources.rows import create_extract
from quality.rules import reading as rules
from quality.table import EXTRACT, ROW
from resource_catalog.entry import Source

#: DuckDB's widest decimal. It reads a wider one as a double, and wrongly (measured with DuckDB 1.5.5).
_MOST_DIGITS = 38
_POSITION = "file_row_number"
#: What a head calls DuckDB's types.
_PLAIN_KINDS = {
    "datetime": ("TIMESTAMP",),
    "date": ("DATE",),
    "boolean": ("BOOLEAN",),
    "number": ("DECIMAL", "DOUBLE", "FLOAT"),
    "integer": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
}
_NESTED = ("[]", "STRUCT(", "MAP(", "UNION(")


def _as_text(column: str, kind: str) -> str:
    name = quote_name(column)
    text = f"CAST({name} AS VARCHAR)"
    if kind.endswith("]") or kind.startswith(_NESTED):
        return f"CAST(to_json({name}) AS VARCHAR)"
    if kind == "BLOB":
        return f"base64({name})"
    if kind.startswith("TIMESTAMP"):
        iso = rf"regexp_replace({text}, ' (\d\d:)', 'T\1')"
        return f"regexp_replace({iso}, '[+]00$', 'Z')" if kind.endswith("TIME ZONE") else iso
    return text


def _top_level(parts: list[tuple[Any, ...]]) -> list[str]:
    """The names of the columns, from (name, number of children) of all parts, each before its children."""
    names = []
    position = 1  # the root comes first
    while position < len(parts):
        names.append(str(parts[position][0]))
        below = 1
        while below:
            below += (parts[position][1] or 0) - 1
            position += 1
    return names


def _columns(connection: duckdb.DuckDBPyConnection, file: Path) -> list[tuple[str, str]]:
    """(heading, DuckDB's type) of each column.

    Raises:
        UnreadableError: blank or doubled names, or a decimal that DuckDB can't hold.
    """
    schema = f"FROM parquet_schema({quote_text(file)})"
    wide = connection.execute(f"SELECT name, precision {schema} WHERE precision > {_MOST_DIGITS}").fetchone()
    if wide:
        detail = f"the column {wide[0]!r} has decimals of {wide[1]} digits, and {_MOST_DIGITS} is the most"
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(column=str(wide[0]), format="Parquet", detail=detail))
    # From the schema itself, because DuckDB renames a name that comes twice.
    headings = check_headings(
        _top_level(connection.execute(f"SELECT name, num_children {schema}").fetchall()), row=None
    )
    if _POSITION in headings:
        raise UnreadableError(rules.RESERVED_HEADING.finding(column=_POSITION))
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({quote_text(file)})").fetchall()
    return list(zip(headings, (str(row[1]) for row in described), strict=True))


def _rows(file: Path, columns: list[tuple[str, str]]) -> str:
    """A query of the numbered rows as text."""
    cells = "".join(f", {_as_text(heading, kind)} AS {quote_name(heading)}" for heading, kind in columns)
    table = f"read_parquet({quote_text(file)}, file_row_number = true)"
    return f"SELECT {_POSITION} + 1 AS {quote_name(ROW)}{cells} FROM {table}"


def _copied(connection: duckdb.DuckDBPyConnection, file: Path, columns: list[tuple[str, str]]) -> int:
    headings = [heading for heading, _ in columns]
    create_extract(connection, headings)
    found = connection.execute(f"INSERT INTO {EXTRACT} {_rows(file, columns)}").fetchone()
    refuse_characters(connection, headings)
    return int(found[0]) if found else 0


def _in_place(connection: duckdb.DuckDBPyConnection, file: Path, columns: list[tuple[str, str]]) -> int:
    connection.execute(f"CREATE OR REPLACE VIEW {EXTRACT} AS {_rows(file, columns)}")
    found = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({quote_text(file)})").fetchone()
    return int(found[0]) if found else 0


@contextmanager
def _parquet(file: Path, source: Source) -> Iterator[None]:
    """Pass a file that may be Parquet, and say so where DuckDB finds that it is not."""
    if file.stat().st_size == 0:
        raise UnreadableError(rules.EMPTY_FILE.finding())
    kind = kind_of(file)
    if kind != "a Parquet file":
        detail = f"its content looks like {kind}"
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format=source.format or "Parquet", detail=detail))
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        detail = str(error).partition("\n")[0].replace(str(file), file.name)
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format="Parquet", detail=detail)) from error


def _plain_kind(kind: str) -> str:
    """DuckDB's type of a column as a head has it; "" for text and what is nested."""
    if kind.endswith("]") or kind.startswith((*_NESTED, "TIME ")) or kind == "TIME":
        return ""
    return next((plain for plain, kinds in _PLAIN_KINDS.items() if kind.startswith(kinds)), "")


def head_of_parquet(connection: duckdb.DuckDBPyConnection, file: Path, source: Source) -> Head:
    """The headings, types and first rows of a Parquet file; the arguments are those of `read_parquet`.

    Raises:
        UnreadableError: no Parquet file, a damaged one, names that can't be headings.
    """
    with _parquet(file, source):
        columns = _columns(connection, file)
        cells = ", ".join(_as_text(heading, kind) for heading, kind in columns)
        rows = connection.execute(f"SELECT {cells} FROM read_parquet({quote_text(file)}) LIMIT {HEAD_ROWS}").fetchall()
    kinds = {heading: plain for heading, kind in columns if (plain := _plain_kind(kind))}
    return Head(tuple(heading for heading, _ in columns), rows, kinds)


def read_parquet(
    connection: duckdb.DuckDBPyConnection, file: Path, source: Source, *, in_place: bool = False
) -> Reading:
    """Fill EXTRACT from a Parquet file; a row's number is its position in the file, from 1.

    Timestamps are ISO 8601 with `T`, those with a zone in UTC with `Z`; floats in the shortest spelling of their width,
    NaN and infinities as `nan` and `inf`; bytes are base64, lists, structs and maps JSON.

    Args:
        connection: A work connection that may read `file`.
        file: The source.
        source: What the entry declares of it; nothing of that concerns Parquet.
        in_place: Make EXTRACT a view of the file, which costs nothing: damage and characters that no table may hold
            show only when it is read.

    Raises:
        UnreadableError: no Parquet file, a damaged one, names that can't be headings.
    """
    with _parquet(file, source):
        columns = _columns(connection, file)
        rows = (_in_place if in_place else _copied)(connection, file, columns)
    return Reading(tuple(heading for heading, _ in columns), rows)
