"""The day of a record, by which codes and editions of standards are judged (DESIGN.md, decision 10)."""

from __future__ import annotations

from sqlglot import exp

from quality.cells import column, only_if
from quality.table import text_column, value_column
from resource_catalog.table_schema import SchemaField


def record_day(field: SchemaField) -> exp.Expr:
    """The record's day as it is written in a field: a time with a zone is not taken to another zone's day."""
    own = column(value_column(field.name))
    if field.type == "datetime" and field.format in ("default", "any"):
        first = exp.Anonymous(this="left", expressions=[column(text_column(field.name)), exp.Literal.number(10)])
        return only_if(own.is_(exp.null()).not_(), exp.TryCast(this=first, to=exp.DataType.build("DATE")))
    return exp.cast(own, "DATE")
