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
    waivable=True,
)


#: Types whose length is not that of their text.
_COUNTED = ("array", "object", "geojson")


def _bytes(field: SchemaField) -> exp.Expr:
    """The bytes of the text in UTF-8: known without reading it, and between one and four times its characters."""
    return exp.Anonymous(this="strlen", expressions=[text(field)])


def _widest(characters: int) -> exp.Expr:
    return exp.Literal.number(4 * characters)


def length(field: SchemaField) -> exp.Expr:
    """The length of a field's value in the Table Schema's sense."""
    if field.type == "array":
        return exp.Anonymous(this="json_array_length", expressions=[value(field)])
    if field.type in ("object", "geojson"):
        keys = exp.Anonymous(this="json_keys", expressions=[value(field)])
        return exp.Anonymous(this="len", expressions=[keys])
    return exp.Length(this=text(field))


def _too_short(field: SchemaField, shortest: int) -> exp.Expr:
    fails: exp.Expr = exp.LT(this=length(field), expression=exp.Literal.number(shortest))
    return (
        fails if field.type in _COUNTED else exp.and_(exp.LT(this=_bytes(field), expression=_widest(shortest)), fails)
    )


def _too_long(field: SchemaField, longest: int) -> exp.Expr:
    fails: exp.Expr = exp.GT(this=length(field), expression=exp.Literal.number(longest))
    bytes_too = exp.GT(this=_bytes(field), expression=exp.Literal.number(longest))
    return fails if field.type in _COUNTED else exp.and_(bytes_too, fails)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per length."""
    for field in schema.fields:
        shortest, longest = field.constraints.min_length, field.constraints.max_length
        if shortest is not None:
            yield RowCheck(RULE, field.name, _too_short(field, shortest), {"relation": "≥", "bound": shortest})
        if longest is not None:
            yield RowCheck(RULE, field.name, _too_long(field, longest), {"relation": "≤", "bound": longest})
