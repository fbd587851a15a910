"""Rows from Python into the table EXTRACT, in batches, every cell as text or NULL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import duckdb

from pipelines.engines.duck import quote_name
from quality.table import EXTRACT, ROW

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 20_000


def create_extract(connection: duckdb.DuckDBPyConnection, headings: Sequence[str]) -> None:
    """An empty table EXTRACT with the row number and one text column per heading."""
    columns = [f"{quote_name(ROW)} BIGINT", *(f"{quote_name(heading)} VARCHAR" for heading in headings)]
    connection.execute(f"CREATE OR REPLACE TABLE {EXTRACT} ({', '.join(columns)})")


def _insert(connection: duckdb.DuckDBPyConnection, numbers: list[int], columns: list[list[str | None]]) -> None:
    import pyarrow as pa  # here, for a table that DuckDB reads by itself takes a fifth less to check without it

    arrays = [pa.array(numbers, pa.int64()), *(pa.array(column, pa.string()) for column in columns)]
    batch = pa.table(arrays, names=[str(position) for position in range(len(arrays))])
    connection.register("batch", batch)
    connection.execute(f"INSERT INTO {EXTRACT} SELECT * FROM batch")
    connection.unregister("batch")


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    headings: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str | None]]],
) -> int:
    """Fill EXTRACT with (row number, cells) pairs of `len(headings)` cells each; how many there were."""
    create_extract(connection, headings)
    total = 0
    numbers: list[int] = []
    columns: list[list[str | None]] = [[] for _ in headings]
    for number, cells in rows:
        numbers.append(number)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
        if len(numbers) == BATCH:
            _insert(connection, numbers, columns)
            total += len(numbers)
            numbers, columns = [], [[] for _ in headings]
    if numbers:
        _insert(connection, numbers, columns)
    return total + len(numbers)


def write_batches(
    connection: duckdb.DuckDBPyConnection, headings: Sequence[str], batches: Iterable[pa.RecordBatch]
) -> int:
    """Fill EXTRACT with Arrow batches of text columns, numbered from 1 in the order they come; how many rows."""
    import pyarrow as pa

    create_extract(connection, headings)
    total = 0
    for batch in batches:
        numbers = pa.array(range(total + 1, total + 1 + batch.num_rows), pa.int64())
        names = [str(position) for position in range(batch.num_columns + 1)]
        connection.register("batch", pa.table([numbers, *batch.columns], names=names))
        connection.execute(f"INSERT INTO {EXTRACT} SELECT * FROM batch")
        connection.unregister("batch")
        total += batch.num_rows
    return total
