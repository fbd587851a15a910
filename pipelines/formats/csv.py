"""CSV: UTF-8 without a mark, RFC 4180, every digit as it was written."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.formats.format import ROWS, Format, exact_column
from resource_catalog.table_schema import SchemaField, TableSchema

EXACT_TYPES = ("number", "datetime", "year")


def _column(field: SchemaField) -> str:
    name = quote_name(field.name)
    return f"{quote_name(exact_column(field.name))} AS {name}" if field.type in EXACT_TYPES else name


def _write(connection: duckdb.DuckDBPyConnection, schema: TableSchema, file: Path) -> None:
    columns = ", ".join(_column(field) for field in schema.fields)
    missing = schema.missing_values[0] if schema.missing_values else ""
    options = f"FORMAT csv, HEADER, NEW_LINE '\\r\\n', NULLSTR {quote_text(missing)}"
    connection.execute(f"COPY (SELECT {columns} FROM {ROWS}) TO {quote_text(file)} ({options})")


FORMAT = Format("csv", "CSV", "csv", "text/csv", _write)
