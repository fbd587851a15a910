"""Numbers with more digits than a double holds: exact in the CSV, rounded in Parquet, XLSX and JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import exact_number, matches
from quality.finding import Severity
from quality.rules.check import RowCheck, text, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="number-digits",
    title="数值位数超出双精度",
    title_en="More digits than a double holds",
    template="{value!r} is published exactly in the CSV only",
    fix="declare the field as a string where every digit counts",
    fix_zh="需要保留每一位数字的，在数据结构中把该字段改为文本",
    indicator="0302",
    severity=Severity.SHOULD,
)


#: Numbers up to so many characters come back from a double as they were written, unless they overflow it.
_SHORT = 15


def _decimal(number: exp.Expr) -> exp.Expr:
    return exp.TryCast(this=number, to=exp.DataType.build("DECIMAL(38, 18)", dialect="duckdb"))


def _overflows(field: SchemaField) -> exp.Expr:
    """1e400 becomes infinite; INF is meant so."""
    infinite = exp.Anonymous(this="isinf", expressions=[value(field)])
    return exp.and_(infinite, matches(text(field), ".*[0-9].*"))


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field of type number."""
    for field in schema.fields:
        if field.type == "number":
            long = exp.GT(this=exp.Length(this=text(field)), expression=exp.Literal.number(_SHORT))
            shortest = _decimal(exp.cast(value(field), "VARCHAR"))
            # What is too long even for a decimal is too long for a double.
            differs = exp.Coalesce(
                this=exp.NEQ(this=_decimal(exact_number(field, text(field))), expression=shortest),
                expressions=[value(field).is_(exp.null()).not_()],
            )
            yield RowCheck(RULE, field.name, exp.or_(exp.and_(long, differs), _overflows(field)))
