"""Constraints `minimum`, `maximum` and their exclusive forms: the value must lie between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from quality.cells import constant
from quality.rules.check import RowCheck, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import Constraints, TableSchema

RULE = Rule(
    code="bounds",
    title="超出取值范围",
    title_en="Out of bounds",
    template="{value!r} is not {relation} {bound}",
    fix="correct the value, or the field's bounds in the schema",
    fix_zh="改正数值；范围有误的，修改数据结构中该字段的上下限",
    indicator="0302",
    waivable=True,
)


def _bounds(constraints: Constraints) -> Iterator[tuple[Any, str, type[exp.Binary]]]:
    """(bound, how a value must relate to it, the operator that fails)."""
    yield constraints.minimum, "≥", exp.LT
    yield constraints.maximum, "≤", exp.GT
    yield constraints.exclusive_minimum, ">", exp.LTE
    yield constraints.exclusive_maximum, "<", exp.GTE


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per bound."""
    for field in schema.fields:
        for bound, relation, fails in _bounds(field.constraints):
            if bound is not None:
                expression = fails(this=value(field), expression=constant(field, bound))
                yield RowCheck(RULE, field.name, expression, {"relation": relation, "bound": bound})
