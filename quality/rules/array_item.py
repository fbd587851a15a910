"""Property `arrayItem` of an array: each of its items must be of the type, and keep the constraints, given there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from quality.cells import typed
from quality.rules import bounds, enum, length, pattern
from quality.rules import type as type_rule
from quality.rules.check import RowCheck, value
from quality.rules.rule import Rule
from quality.table import text_column
from resource_catalog.table_schema import SchemaField, TableSchema, parse_table_schema

RULE = Rule(
    code="array-item",
    title="列表项不符合要求",
    title_en="Wrong item in a list",
    template="{value!r} has an item that breaks what the schema asks of items: {rules}",
    fix="correct the item, or the field's arrayItem in the schema",
    fix_zh="改正列表中的这一项；要求有误的，修改数据结构中该字段的 arrayItem",
    indicator="0302",
    waivable=True,
)
_ITEM = "item"


def _of_item(item: SchemaField, fails: exp.Expr) -> exp.Expr:
    """A check's expression with the item in the place of its column."""
    text = exp.column(_ITEM, quoted=True)

    def replaced(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        return text.copy() if node.name == text_column(item.name) else typed(item, text.copy())

    return fails.transform(replaced)


def _check(field: SchemaField, descriptor: dict[str, Any]) -> RowCheck | None:
    wanted = {"type": "any", **descriptor, "name": field.name}
    schema = parse_table_schema({"fields": [wanted]}, f"arrayItem of {field.name}")
    own = [check for module in (type_rule, enum, pattern, bounds, length) for check in module.checks(schema)]
    if not own:
        return None
    fails = exp.or_(*(_of_item(schema.fields[0], check.fails) for check in own))
    items = exp.Anonymous(this="json_extract_string", expressions=[value(field), exp.Literal.string("$[*]")])
    judge = exp.Lambda(this=fails, expressions=[exp.to_identifier(_ITEM, quoted=True)])
    failed = exp.Anonymous(this="list_filter", expressions=[items, judge])
    some = exp.GT(this=exp.Anonymous(this="len", expressions=[failed]), expression=exp.Literal.number(0))
    return RowCheck(RULE, field.name, some, {"rules": ", ".join(dict.fromkeys(check.rule.code for check in own))})


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per array whose items the schema describes."""
    for field in schema.fields:
        descriptor = (field.model_extra or {}).get("arrayItem")
        check = _check(field, descriptor) if field.type == "array" and isinstance(descriptor, dict) else None
        if check:
            yield check
