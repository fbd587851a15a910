"""The data dictionary of a table: one line a column, as every release and every notice carries it."""

from __future__ import annotations

import csv
import io
import json

from resource_catalog.field_mask import Mask
from resource_catalog.table_schema import Code, Constraints, SchemaField, TableSchema

#: The dictionary's own columns.
COLUMNS = (
    "name", "title", "type", "format", "unit", "required", "unique", "constraints", "codes", "standard", "mask",
    "description",
)  # fmt: skip


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


def code_validity(code: Code) -> str:
    """First and last day of a code, "" where it has neither: 2015-01-01 – 2017-12-31, 2015-01-01 –, – 2017-12-31."""
    if code.always:
        return ""
    return f"{code.valid_from or ''} – {code.valid_to or ''}".strip()


def code_meaning(code: Code) -> str:
    """What a code means beside what it says itself."""
    return code.label if code.label != code.code else ""


def _code(code: Code) -> str:
    validity = code_validity(code)
    return " ".join(part for part in (code.code, code_meaning(code), f"({validity})" if validity else "") if part)


def mask_in_words(mask: Mask | None) -> str:
    """The mask and the rows that it is for; "" for none."""
    if mask is None:
        return ""
    conditions = [
        f"{name} = {' | '.join('(empty)' if item in ('', None) else str(item) for item in allowed)}"
        for name, allowed in mask.where.items()
    ]
    return f"{mask.kind} where {' and '.join(conditions)}" if conditions else mask.kind


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
        "codes": " | ".join(map(_code, field.codes)),
        "standard": field.standard,
        "mask": mask_in_words(field.mask),
        "description": field.description,
    }


def dictionary_csv(schema: TableSchema) -> str:
    """The dictionary as CSV (UTF-8, RFC 4180) with a heading, in the order of the columns."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_dictionary_row(field, schema) for field in schema.fields)
    return text.getvalue()
