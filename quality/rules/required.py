"""Constraint `required`, and the fields of the primary key: there must be a value."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.rules.check import RowCheck, text
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="required",
    title="必填项为空",
    title_en="Required value missing",
    template="the cell is empty, and must have a value",
    fix="fill in the value, or make the field optional in the schema",
    fix_zh="补填该值；可以为空的，在数据结构中取消必填",
    indicator="0201",
    waivable=True,
)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per required field."""
    for field in schema.fields:
        if field.constraints.required or field.name in schema.primary_key:
            yield RowCheck(RULE, field.name, text(field).is_(exp.null()), of_all_rows=True)
