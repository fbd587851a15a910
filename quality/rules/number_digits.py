"""Numbers with more digits than a double holds: exact in the CSV, rounded in Parquet, XLSX and JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import exact_number
from quality.finding import Severity
from quality.rules.check import RowCheck, text, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="number-digits",
    title="数值位数超出双精度",
    title_en="More digits than a double holds",
    template="{value!r} is published exactly in the CSV only",
    fix="declare the field as a string where every digit counts",
    indicator="0302",
    severity=Severity.SHOULD,
)


def _decimal(number: exp.Expr) -> exp.Expr:
    return exp.TryCast(this=number, to=exp.DataType.build("DECIMAL(38, 18)", dialect="duckdb"))


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field of type number."""
    for field in schema.fields:
        if field.type == "number":
            written = exact_number(field, text(field))
            long = exp.GT(this=exp.Length(this=text(field)), expression=exp.Literal.number(15))
            shortest = exp.cast(value(field), "VARCHAR")
            differs = exp.NEQ(this=_decimal(written), expression=_decimal(shortest))
            yield RowCheck(RULE, field.name, exp.and_(long, differs))
