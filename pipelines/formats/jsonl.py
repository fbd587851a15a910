"""JSON Lines: one object a row, numbers and booleans as such, everything else as in the CSV."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.formats.format import ROWS, Format, exact_column
from resource_catalog.table_schema import SchemaField, TableSchema


def _column(field: SchemaField) -> str:
    name = quote_name(field.name)
    exact = quote_name(exact_column(field.name))
    if field.type == "datetime":
        return f"{exact} AS {name}"
    if field.type == "number":
        # JSON has no NaN and no infinity.
        return f"CASE WHEN isfinite({name}) THEN to_json({name}) ELSE to_json({exact}) END AS {name}"
    return name


def _write(connection: duckdb.DuckDBPyConnection, schema: TableSchema, file: Path) -> None:
    columns = ", ".join(_column(field) for field in schema.fields)
    connection.execute(f"COPY (SELECT {columns} FROM {ROWS}) TO {quote_text(file)} (FORMAT json)")


FORMAT = Format("jsonl", "JSON Lines", "jsonl", "application/x-ndjson", _write)
