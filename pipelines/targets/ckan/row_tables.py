"""Rows in DuckDB with one hash each, whether a release has them or a DataStore shows them, and their checksum.

A row's hash tells it from others where rows are compared one by one; the checksum, for which they are only counted up,
is made of cheaper ones: two of 64 bits, by DuckDB's own function over the cells in either order.

Values are compared in one canonical text a type: what a number is and not how it was written. Both sides come as CSV in
which nothing at all is NULL and a quoted "" is an empty text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.targets.ckan.columns import Column, Table
from quality.python_functions import define_function

#: The two sides: rows as a release has them, and as the DataStore shows them.
WANTED, SHOWN = "rows_wanted", "rows_shown"
_LONGEST_LINE = 16 << 20
#: DuckDB's own choice is 16 of the longest lines: 256 MiB for each of the tables that a run reads at once.
_BUFFER = 2 * _LONGEST_LINE
_PLAIN = "-?[1-9][0-9]*|0"


@dataclass(frozen=True)
class Checksum:
    """How many rows, and the sums of their two numbers: equal for equal rows in any order, however often each."""

    rows: int
    upper: int
    lower: int

    def __add__(self, other: Checksum) -> Checksum:
        """The checksum of both's rows."""
        return Checksum(self.rows + other.rows, self.upper + other.upper, self.lower + other.lower)


def _canonical_number(written: str) -> str:
    """Digits without exponent, sign of nothing, and zeros at either end."""
    digits = format(Decimal(written.replace("INF", "Infinity")), "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection what the canonical texts need."""
    text = duckdb.sqltype("VARCHAR")
    define_function(connection, "canonical_number", _canonical_number, [text], text)


def canonical(column: Column) -> str:
    """A cell's canonical text as SQL."""
    cell = quote_name(column.id)
    if column.type == "int8":
        return f"CAST(CAST({cell} AS BIGINT) AS VARCHAR)"
    if column.type == "bool":
        return f"CAST(CAST({cell} AS BOOLEAN) AS VARCHAR)"
    if column.type == "timestamp":  # CKAN shows no more than milliseconds
        return f"strftime(CAST({cell} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g')"
    if column.type == "numeric":
        # What is canonical but for zeros at the end is not worth a call of Python's.
        return (
            f"CASE WHEN regexp_full_match({cell}, '{_PLAIN}') THEN {cell} "
            f"WHEN regexp_full_match({cell}, '({_PLAIN})[.][0-9]+') THEN rtrim(rtrim({cell}, '0'), '.') "
            f"ELSE canonical_number({cell}) END"
        )
    return cell


def _joined(columns: tuple[Column, ...]) -> str:
    """Cells as one text that no other cells give: each with its length before it, NULL as a sign of its own."""
    parts = [f"coalesce(strlen({text}) || ':' || {text}, '-')" for text in map(canonical, columns)]
    return f"concat({', '.join(parts)})"


def read_csv(files: Path | Sequence[Path], names: Mapping[str, str], *, header: bool, missing: str = "") -> str:
    """A CSV file, or some one after the other, as an SQL table of texts; `names` are the columns and their types."""
    paths = ", ".join(map(quote_text, [files] if isinstance(files, Path) else files))
    kinds = ", ".join(f"{quote_text(name)}: '{kind}'" for name, kind in names.items())
    return (
        f"read_csv([{paths}], columns = {{{kinds}}}, auto_detect = false, header = {str(header).lower()}, "
        f"delim = ',', quote = '\"', escape = '\"', nullstr = {quote_text(missing)}, allow_quoted_nulls = false, "
        f"max_line_size = {_LONGEST_LINE}, buffer_size = {_BUFFER})"
    )


def define(connection: duckdb.DuckDBPyConnection, side: str, table: Table, rows: str) -> None:
    """Make one side: `_number`, the cells as they came, `_hash` of all, `_key` of the key's, `_copy` counts equal keys.

    It is a view. Below it `<side>_hashed` is without `_key` and `_copy`: to count is to sort all rows, and DuckDB sorts
    them even where nobody asks for the count. No column's id begins with "_".

    Args:
        connection: A prepared connection.
        side: WANTED or SHOWN.
        table: Its columns, by whose ids `rows` has the cells.
        rows: An SQL table with the cells and `_number`.
    """
    keys = tuple(column for column in table.columns if column.id in table.primary_key)
    key = _joined(keys) if keys else "_hash"
    cells = ", ".join(quote_name(column.id) for column in table.columns)
    connection.execute(
        f"CREATE OR REPLACE VIEW {side}_hashed AS "
        f"SELECT _number, {cells}, md5({_joined(table.columns)}) AS _hash FROM {rows}"
    )
    connection.execute(
        f"CREATE OR REPLACE VIEW {side} AS "
        f"SELECT *, row_number() OVER (PARTITION BY _key ORDER BY _number) AS _copy FROM "
        f"(SELECT *, {key} AS _key FROM {side}_hashed)"
    )


def store_hashes(connection: duckdb.DuckDBPyConnection, side: str) -> None:
    """Make the table `<side>_hashes` of a side's rows without their cells, to be joined."""
    connection.execute(f"CREATE OR REPLACE TABLE {side}_hashes AS SELECT _number, _key, _copy, _hash FROM {side}")


def checksum(connection: duckdb.DuckDBPyConnection, side: str, table: Table) -> Checksum:
    """The checksum of one side."""
    return _summed(connection, table, f"{side}_hashed")[0]


def checksum_and_sum(
    connection: duckdb.DuckDBPyConnection, side: str, table: Table, number: str
) -> tuple[Checksum, int]:
    """The checksum of one side, and the sum of a number that SQL makes of each row's cells, in one scan."""
    checksum, total = _summed(connection, table, f"{side}_hashed", f"coalesce(sum({number}), 0)")
    return checksum, int(total)


def checksum_of(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> Checksum:
    """The checksum of an SQL table with the cells of a table's columns, by a connection that is prepared."""
    return _summed(connection, table, rows)[0]


def _summed(connection: duckdb.DuckDBPyConnection, table: Table, rows: str, further: str = "0") -> tuple[Checksum, Any]:
    cells = [*map(canonical, table.columns)]
    # Once more over the hash of all cells, for the last cell is only put over the others by XOR, and sums of such
    # numbers can be equal where two rows have exchanged it.
    upper, lower = (f"coalesce(sum(hash(hash({', '.join(order)}))), 0)" for order in (cells, ["'-'", *cells[::-1]]))
    query = f"SELECT count(*), {upper}, {lower}, {further} FROM {rows}"
    ((*summed, other),) = connection.execute(query).fetchall()
    return Checksum(*map(int, summed)), other
