"""The columns themselves: none of the schema's missing, none beyond them, none with a standard that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from quality.finding import Finding, Severity
from quality.masking import without_long_numbers
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

MISSING_COLUMN = Rule(
    code="missing-column",
    title="缺少列",
    title_en="Missing column",
    template="the schema's column {field} is not in the source; it has {headings}",
    fix="add the column, say under columns in the entry's source which heading it has there, or take out the field",
    fix_zh="在源数据中补上该列；列名不同的，在目录条目的来源 columns 中说明；不再需要的，从数据结构中删去该字段",
    indicator="0102",
)
EXTRA_COLUMN = Rule(
    code="extra-column",
    title="多出列",
    title_en="Extra column",
    template="the source has the column {column!r}, which the schema lacks",
    fix="describe it in the schema, say under columns in the entry's source which field it is, or take it out",
    fix_zh="在数据结构中补充该列；属于已有字段的，在目录条目的来源 columns 中说明；不应提供的，从源数据中删去",
    indicator="0102",
)
UNKNOWN_STANDARD = Rule(
    code="unknown-standard",
    title="未知的标准",
    title_en="Unknown standard",
    template="the schema says that the column meets {standard!r}, a standard unknown here; no value was judged by it",
    fix="use one of the names in schemas/README.md, or take the field's standard out of the schema",
    fix_zh="改用 schemas/README.md 所列的标准名称，或者在数据结构中删去该字段的 standard",
    indicator="0101",
    severity=Severity.SHOULD,
)
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
