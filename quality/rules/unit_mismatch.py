"""Amounts in another unit than their column's: 万元 above, and 元 below (standards.md 8 no. 16).

A row shows it where a text beside the amount names the same number of 元; a column where an amount is more than a
thousand times the median of its peers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from quality.cells import literal, only_if
from quality.finding import Severity
from quality.rules.check import RowCheck, text, value
from quality.rules.rule import Rule
from quality.table import CELLS
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="unit-mismatch",
    title="数值单位疑与列不符",
    title_en="Amount perhaps in another unit",
    template="{value!r} under a heading in {unit} is perhaps in 元: {why}",
    fix="find out in which unit the source has it, and correct it there: nothing is scaled from here",
    fix_zh="核实源数据所用单位后在源数据中改正；系统不会换算",
    indicator="0301",
    scored=False,
    severity=Severity.SHOULD,
)
_UNIT = "万元"
#: Below this an amount says nothing: 5 is as likely 5 万元 as 5 元.
_LEAST = 100
_TIMES_THE_MEDIAN = 1000


def _said_in_yuan(field: SchemaField, texts: Sequence[SchemaField]) -> exp.Expr:
    """Whether a text of the row has the very number before 元, which then is no part of a longer one."""
    number = exp.Anonymous(this="replace", expressions=[text(field), literal("."), literal(r"\.")])
    parts = [literal(r"(?:^|[^0-9.,])"), number, literal(r"(?:\.0+)?元")]
    pattern = exp.Anonymous(this="concat", expressions=parts)
    named = [
        exp.and_(
            exp.Anonymous(this="contains", expressions=[text(other), text(field)]),
            exp.Anonymous(this="regexp_matches", expressions=[text(other), pattern.copy()]),
        )
        for other in texts
    ]
    return exp.or_(exp.false(), *named)


def _beyond_its_peers(field: SchemaField) -> exp.Expr:
    own = value(field)
    positive = exp.GT(this=own, expression=exp.Literal.number(0))
    middle = exp.select(exp.Anonymous(this="median", expressions=[own.copy()])).from_(CELLS).where(positive)
    limit = exp.Mul(this=middle.subquery(), expression=exp.Literal.number(_TIMES_THE_MEDIAN))
    return exp.GT(this=own.copy(), expression=limit)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per number in 万元."""
    texts = [field for field in schema.fields if field.type == "string"]
    for field in schema.fields:
        if field.type in ("number", "integer") and field.unit == _UNIT:
            said = exp.Coalesce(this=_said_in_yuan(field, texts), expressions=[exp.false()])
            large = exp.GTE(this=value(field), expression=exp.Literal.number(_LEAST))
            why = (
                exp.Case()
                .when(said, literal("a text beside it says so"))
                .else_(literal(f"it is more than {_TIMES_THE_MEDIAN} times the column's median"))
            )
            fails = only_if(large, exp.or_(said.copy(), _beyond_its_peers(field)))
            yield RowCheck(RULE, field.name, fails, {"unit": _UNIT}, told_by_row={"why": why})
