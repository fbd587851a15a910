"""Type and format: the text must be a value of its field's type."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.rules.check import RowCheck, text, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="type",
    title="类型或格式不符",
    title_en="Wrong type or format",
    template="{value!r} is no {type}{format}",
    fix="correct the value, or the field's type and format in the schema",
    fix_zh="按规定的类型和格式改正；规定有误的，修改数据结构中该字段的类型和格式",
    indicator="0302",
)
_ANYTHING_GOES = ("any", "list")


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field whose type can refuse a text."""
    for field in schema.fields:
        plain = field.format in ("default", None)
        if field.type in _ANYTHING_GOES or (field.type == "string" and plain):
            continue
        fails = exp.and_(text(field).is_(exp.null()).not_(), value(field).is_(exp.null()))
        facts = {"type": field.type, "format": "" if plain else f" in the format {field.format}"}
        yield RowCheck(RULE, field.name, fails, facts)
