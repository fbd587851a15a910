"""Constraint `enum`: the value must be one of a list."""

from __future__ import annotations

from collections.abc import Iterator

from quality.cells import constant, one_of
from quality.rules.check import RowCheck, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="enum",
    title="取值不在允许范围",
    title_en="Value not in the list",
    template="{value!r} is none of {allowed}",
    fix="use a value of the list, or add it to the field's enum in the schema",
    fix_zh="改用允许的取值；确有这一取值的，补入数据结构的枚举",
    indicator="0105",
    waivable=True,
)
_SHOWN = 12


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field with an enum."""
    for field in schema.fields:
        allowed = field.constraints.enum
        if allowed:
            shown = ", ".join(map(str, allowed[:_SHOWN])) + (" …" if len(allowed) > _SHOWN else "")
            fails = one_of(value(field), [constant(field, item) for item in allowed]).not_()
            yield RowCheck(RULE, field.name, fails, {"allowed": shown})
