"""Constraints `minLength` and `maxLength`: characters of a text, items of a list, keys of an object."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.rules.check import RowCheck, text, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="length",
    title="长度不符",
    title_en="Wrong length",
    template="the value has length {length}, not {relation} {bound}",
    fix="correct the value, or the field's lengths in the schema",
    fix_zh="改正取值；长度要求有误的，修改数据结构",
    indicator="0302",
)


def length(field: SchemaField) -> exp.Expr:
    """The length of a field's value in the Table Schema's sense."""
    if field.type == "array":
        return exp.Anonymous(this="json_array_length", expressions=[value(field)])
    if field.type in ("object", "geojson"):
        keys = exp.Anonymous(this="json_keys", expressions=[value(field)])
        return exp.Anonymous(this="len", expressions=[keys])
    return exp.Length(this=text(field))


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per length."""
    for field in schema.fields:
        shortest, longest = field.constraints.min_length, field.constraints.max_length
        if shortest is not None:
            fails: exp.Expr = exp.LT(this=length(field), expression=exp.Literal.number(shortest))
            yield RowCheck(RULE, field.name, fails, {"relation": "≥", "bound": shortest})
        if longest is not None:
            fails = exp.GT(this=length(field), expression=exp.Literal.number(longest))
            yield RowCheck(RULE, field.name, fails, {"relation": "≤", "bound": longest})
