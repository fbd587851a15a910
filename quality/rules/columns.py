"""The columns themselves: none of the schema's missing, none beyond them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quality.finding import Finding
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

MISSING_COLUMN = Rule(
    code="missing-column",
    title="缺少列",
    title_en="Missing column",
    template="the schema's column {column!r} is not in the source; it has {headings}",
    fix="add the column to the source, or take the field out of the schema",
    indicator="0102",
)
EXTRA_COLUMN = Rule(
    code="extra-column",
    title="多出列",
    title_en="Extra column",
    template="the source has the column {column!r}, which the schema lacks",
    fix="describe the column in the schema, or take it out of the source",
    indicator="0102",
)
RULES = (MISSING_COLUMN, EXTRA_COLUMN)


def findings(schema: TableSchema, headings: Sequence[str]) -> Iterator[Finding]:
    """One finding per column that is missing or extra."""
    shown = ", ".join(headings)
    for name in schema.names:
        if name not in headings:
            yield MISSING_COLUMN.finding(column=name, headings=shown)
    for heading in headings:
        if heading not in schema.names:
            yield EXTRA_COLUMN.finding(column=heading)
