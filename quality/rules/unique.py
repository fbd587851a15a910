"""Constraint `unique`: no two rows with the same value."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import KeyCheck
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="unique",
    title="取值重复",
    title_en="Value not unique",
    template="{value!r} stands in row {first} already",
    fix="remove the double, or drop the field's unique constraint in the schema",
    fix_zh="删去或者改正重复的值；允许重复的，在数据结构中取消唯一约束",
    indicator="0304",
    waivable=True,
)


def checks(schema: TableSchema) -> Iterator[KeyCheck]:
    """One per unique field that is not the primary key."""
    for field in schema.fields:
        if field.constraints.unique and schema.primary_key != (field.name,):
            yield KeyCheck(RULE, (field.name,))
