"""The primary key: no two rows with the same."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import KeyCheck
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="primary-key",
    title="主键重复",
    title_en="Primary key not unique",
    template="the key {value!r} stands in row {first} already",
    fix="remove the double row, or widen the primary key in the schema",
    fix_zh="删去或者改正重复的行；主键不足以区分各行的，在数据结构中扩大主键",
    indicator="0304",
)


def checks(schema: TableSchema) -> Iterator[KeyCheck]:
    """One, where the schema has a key."""
    if schema.primary_key:
        yield KeyCheck(RULE, schema.primary_key)
