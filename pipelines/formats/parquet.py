"""Parquet: the columns in their types, compressed by Zstandard, the same bytes whatever the number of threads."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.formats.format import CHANGES, ROWS, Format
from resource_catalog.table_schema import TableSchema

_OPTIONS = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"


def _write(connection: duckdb.DuckDBPyConnection, schema: TableSchema, file: Path) -> None:
    columns = ", ".join(quote_name(name) for name in schema.names)
    connection.execute(f"COPY (SELECT {columns} FROM {ROWS}) TO {quote_text(file)} ({_OPTIONS})")


def write_changes(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write the table CHANGES, in its order."""
    connection.execute(f"COPY (SELECT * FROM {CHANGES}) TO {quote_text(file)} ({_OPTIONS})")


FORMAT = Format("parquet", "Parquet", "parquet", "application/vnd.apache.parquet", _write)
