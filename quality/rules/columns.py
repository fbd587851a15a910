"""The columns themselves: none of the schema's missing, none beyond them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from quality.finding import Finding
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

MISSING_COLUMN = Rule(
    code="missing-column",
    title="缺少列",
    title_en="Missing column",
    template="the schema's column {field} is not in the source; it has {headings}",
    fix="add the column, say under columns in the entry's source which heading it has there, or take out the field",
    indicator="0102",
)
EXTRA_COLUMN = Rule(
    code="extra-column",
    title="多出列",
    title_en="Extra column",
    template="the source has the column {column!r}, which the schema lacks",
    fix="describe it in the schema, say under columns in the entry's source which field it is, or take it out",
    indicator="0102",
)
RULES = (MISSING_COLUMN, EXTRA_COLUMN)


def findings(schema: TableSchema, headings: Sequence[str], source_headings: Mapping[str, str]) -> Iterator[Finding]:
    """One finding per column that is missing or extra; `source_headings` has those that are others there."""
    shown = ", ".join(source_headings.get(heading, heading) for heading in headings)
    for field in schema.fields:
        if field.name not in headings and not field.open_ended_of:
            label = f"{field.name} ({field.title})" if field.title else field.name
            yield MISSING_COLUMN.finding(column=field.name, field=label, headings=shown)
    for heading in headings:
        if heading not in schema.names:
            yield EXTRA_COLUMN.finding(column=heading)
