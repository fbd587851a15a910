"""XLSX for people: codes as text, dates as dates; left out, with the reason, where Excel could not hold the table."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.formats.format import ROWS, Format, exact_column
from resource_catalog.table_schema import SchemaField, TableSchema

#: Excel's own limits: rows with the heading, columns, characters in a cell.
_ROWS, _COLUMNS, _CHARACTERS = 1_048_576, 16_384, 32_767
#: Excel keeps 15 digits of a number, and counts days from March 1900 as the rest of the world does.
_LARGEST_INTEGER = 10**15
_FIRST_DAY = "DATE '1900-03-01'"


def _as_text(field: SchemaField, condition: str) -> str:
    """The whole column as text if one value meets the condition, for a column has one type."""
    return f"SELECT count(*) FROM {ROWS} WHERE {condition.format(quote_name(field.name))}"


_NEEDS_TEXT = {
    "integer": f"abs({{}}) >= {_LARGEST_INTEGER}",
    "number": "NOT isfinite({})",
    "date": f"{{}} < {_FIRST_DAY}",
    "datetime": f"{{}} < {_FIRST_DAY}",
}
_PLAIN_TYPES = ("integer", "number", "date", "datetime", "boolean", "year")


def _column(connection: duckdb.DuckDBPyConnection, field: SchemaField) -> str:
    name = quote_name(field.name)
    if field.type not in _PLAIN_TYPES:
        return f"CAST({name} AS VARCHAR) AS {name}"
    needs = _NEEDS_TEXT.get(field.type)
    found = connection.execute(_as_text(field, needs)).fetchone() if needs else None
    if found and found[0]:
        text = quote_name(exact_column(field.name)) if field.type in ("number", "datetime") else name
        return f"CAST({text} AS VARCHAR) AS {name}"
    return name


def _write(connection: duckdb.DuckDBPyConnection, schema: TableSchema, file: Path) -> None:
    columns = ", ".join(_column(connection, field) for field in schema.fields)
    options = "FORMAT xlsx, HEADER true, SHEET 'data'"
    connection.execute(f"COPY (SELECT {columns} FROM {ROWS}) TO {quote_text(file)} ({options})")


def _obstacle(connection: duckdb.DuckDBPyConnection, schema: TableSchema) -> str:
    if len(schema.fields) > _COLUMNS:
        return f"{len(schema.fields)} columns are more than the {_COLUMNS} that Excel holds"
    longest = ", ".join(
        f"max(length(CAST({quote_name(field.name)} AS VARCHAR)))"
        for field in schema.fields
        if field.type not in _PLAIN_TYPES
    )
    rows, *lengths = (
        connection.execute(f"SELECT count(*){', ' if longest else ''}{longest} FROM {ROWS}").fetchone() or ()
    )
    if rows >= _ROWS:
        return f"{rows} rows are more than the {_ROWS - 1} that Excel holds below a heading"
    if max((length or 0 for length in lengths), default=0) > _CHARACTERS:
        return f"a cell has more than the {_CHARACTERS} characters that Excel holds"
    return ""


FORMAT = Format(
    "xlsx", "Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _write, _obstacle
)
