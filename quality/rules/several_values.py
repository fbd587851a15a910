"""Line breaks in a short field: several values in one cell, or two rows pasted into one (standards.md 8 no. 23)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.finding import Severity
from quality.rules.check import RowCheck, found, if_suspicious, text
from quality.rules.rule import Rule
from quality.suspicion import LINE_BREAK, is_looked_at
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="several-values",
    title="一格多值或含换行",
    title_en="Several values in one cell",
    template="{value!r} has a line break, and the field is for one short value",
    fix="give each value a row or a column of its own, or make the field a list with its delimiter in the schema",
    fix_zh="每个值单独成行或者成列；或者在数据结构中把该字段设为列表并写明分隔符",
    indicator="0302",
    scored=False,
    severity=Severity.SHOULD,
)
#: A field that may be longer is prose, which has paragraphs.
_LONGEST = 512


def _is_short(field: SchemaField) -> bool:
    own = field.constraints
    return bool(field.standard or own.pattern) or (own.max_length is not None and own.max_length <= _LONGEST)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field of short texts."""
    for field in schema.fields:
        if field.type == "string" and is_looked_at(field) and _is_short(field):
            fails = if_suspicious(field, found(text(field), LINE_BREAK))
            yield RowCheck(RULE, field.name, fails, of_suspects=True)
