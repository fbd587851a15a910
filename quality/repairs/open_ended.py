"""The repair of end dates that mean "no end": no value, and the fact in a declared companion column.

The companion is a boolean field of the schema with `openEndedOf`, which the source need not have: without it the
repair would lose what the source said, and is refused (standards.md 8 no. 18).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from quality.cells import column, literal, matches
from resource_catalog.table_schema import SchemaField, TableSchema

NAME = "open-ended"
_WITHOUT_END = (
    r"\s*(?:长期(?:有效)?|无固定期限|永久(?:有效)?|(?:2099|9999)(?:[-/.]12[-/.]31|1231|年12月31日)(?: 0?0:00:00)?)\s*"
)


def with_companion(field: SchemaField, schema: TableSchema) -> str:
    """For days whose schema has a place for the fact that there is no end."""
    if field.type not in ("date", "datetime"):
        return f"is for fields of type date or datetime, and this one is {field.type}"
    if any(other.open_ended_of == field.name for other in schema.fields):
        return ""
    return "needs a boolean field with openEndedOf naming this one, which keeps the fact that there is no end"


def open_ended(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """长期, 2099/12/31, 9999-12-31 as no value."""
    return exp.Case().when(
        exp.not_(exp.Coalesce(this=matches(text.copy(), _WITHOUT_END), expressions=[exp.false()])), text.copy()
    )


def companions(schema: TableSchema, headings: Sequence[str]) -> list[SchemaField]:
    """The fields that a source lacks, and that are made of the end dates which it has."""
    return [
        field
        for field in schema.fields
        if field.open_ended_of in headings and field.name not in headings
        if NAME in schema.field(field.open_ended_of).repair
    ]


def companion(field: SchemaField) -> exp.Expr:
    """A companion's cell over the source's own: its word for true or false, none where there is no end date at all."""
    ends = column(field.open_ended_of)
    blank = exp.EQ(this=exp.Coalesce(this=ends, expressions=[literal("")]), expression=literal(""))
    yes, no = literal(field.true_values[0]), literal(field.false_values[0])
    return exp.Case().when(exp.not_(blank), exp.Case().when(matches(ends.copy(), _WITHOUT_END), yes).else_(no))
