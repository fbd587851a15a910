"""The data dictionary of a table: one line a column, as every release and every notice carries it."""

from __future__ import annotations

import csv
import io
import json

from resource_catalog.table_schema import Constraints, SchemaField, TableSchema

#: The dictionary's own columns.
COLUMNS = ("name", "title", "type", "format", "unit", "required", "unique", "constraints", "standard", "description")


def _constraints(constraints: Constraints) -> str:
    """Bounds, lengths, pattern and list in words that both languages know."""
    parts = [
        f"{sign} {bound}"
        for sign, bound in (
            ("≥", constraints.minimum),
            ("≤", constraints.maximum),
            (">", constraints.exclusive_minimum),
            ("<", constraints.exclusive_maximum),
            ("length ≥", constraints.min_length),
            ("length ≤", constraints.max_length),
            ("matches", constraints.pattern),
        )
        if bound is not None
    ]
    if constraints.enum:
        parts.append("one of " + " | ".join(map(str, constraints.enum)))
    return "; ".join(parts)


def _dictionary_row(field: SchemaField, schema: TableSchema) -> dict[str, str]:
    required = field.constraints.required or field.name in schema.primary_key
    return {
        "name": field.name,
        "title": field.title,
        "type": field.type,
        "format": field.format if isinstance(field.format, str) else json.dumps(field.format),
        "unit": field.unit,
        "required": str(required).lower(),
        "unique": str(field.constraints.unique or schema.primary_key == (field.name,)).lower(),
        "constraints": _constraints(field.constraints),
        "standard": field.standard,
        "description": field.description,
    }


def dictionary_csv(schema: TableSchema) -> str:
    """The dictionary as CSV (UTF-8, RFC 4180) with a heading, in the order of the columns."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_dictionary_row(field, schema) for field in schema.fields)
    return text.getvalue()
