"""The columns themselves: none of the schema's missing, none beyond them, none with a standard that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from quality.finding import Finding
from quality.masking import without_long_numbers
from quality.rules.extra_column import RULE as EXTRA_COLUMN
from quality.rules.missing_column import RULE as MISSING_COLUMN
from quality.rules.unknown_standard import RULE as UNKNOWN_STANDARD
from resource_catalog.table_schema import TableSchema

RULES = (MISSING_COLUMN, EXTRA_COLUMN, UNKNOWN_STANDARD)


def findings(schema: TableSchema, headings: Sequence[str], source_headings: Mapping[str, str]) -> Iterator[Finding]:
    """One finding per column missing, extra, or of an unknown standard; `source_headings` has those that are others."""
    shown = without_long_numbers(", ".join(source_headings.get(heading, heading) for heading in headings))
    for field in schema.fields:
        if field.name not in headings and not field.open_ended_of:
            label = f"{field.name} ({field.title})" if field.title else field.name
            yield MISSING_COLUMN.finding(column=field.name, field=label, headings=shown)
        if field.standard and field.meant_standard is None:
            shown_as = source_headings.get(field.name, field.name)
            yield UNKNOWN_STANDARD.finding(column=shown_as, standard=field.standard)
    for heading in headings:
        if heading not in schema.names:
            yield EXTRA_COLUMN.finding(column=without_long_numbers(heading))
