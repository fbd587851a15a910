"""Code lists with dates: a code must be valid on the day of its record (DESIGN.md, decision 10)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from sqlglot import exp

from quality.cells import constant, literal, one_of
from quality.masking import personal
from quality.rules.check import RowCheck, value
from quality.rules.rule import Rule
from quality.standards.record_day import record_day
from resource_catalog.table_schema import Code, SchemaField, TableSchema

RULE = Rule(
    code="code-not-in-force",
    title="代码在记录日期无效",
    title_en="Code not in force on the record's date",
    template="the code {value!r} is not valid on {day}, the date in {date_column}; it is valid {validity}",
    fix="use the code that was valid on that day, or correct the date or the code list",
    fix_zh="改用记录当日有效的代码，或者改正日期；代码表有误的，改正代码表",
    indicator="0105",
    waivable=True,
)
_HIDDEN = literal("(not shown)")
_Period = tuple[datetime.date | None, datetime.date | None]


def _periods(codes: tuple[Code, ...]) -> Mapping[tuple[_Period, ...], list[str]]:
    """Validity → the codes that have it; a list of thousands of codes has few of them."""
    of_code: dict[str, tuple[_Period, ...]] = {}
    for code in codes:
        of_code[code.code] = (*of_code.get(code.code, ()), (code.valid_from, code.valid_to))
    grouped: dict[tuple[_Period, ...], list[str]] = {}
    for name, periods in of_code.items():
        if (None, None) not in periods:
            grouped.setdefault(periods, []).append(name)
    return grouped


def _within(day: exp.Expr, period: _Period) -> exp.Expr:
    first, last = (exp.cast(literal(end.isoformat()), "DATE") if end else None for end in period)
    bounds: list[exp.Expr] = []
    if first is not None:
        bounds.append(exp.GTE(this=day.copy(), expression=first))
    if last is not None:
        bounds.append(exp.LTE(this=day.copy(), expression=last))
    return exp.and_(*bounds)


def _in_words(periods: tuple[_Period, ...]) -> str:
    return " and ".join(
        " ".join(part for part in (f"from {first}" if first else "", f"to {last}" if last else "") if part)
        for first, last in periods
    )


def _check(field: SchemaField, dated: SchemaField, groups: Mapping[tuple[_Period, ...], list[str]]) -> RowCheck:
    day, failing, said = record_day(dated), [], exp.Case()
    for periods, codes in groups.items():
        among = one_of(value(field), [constant(field, code) for code in codes])
        failing.append(exp.and_(among, exp.not_(exp.or_(*(_within(day, period) for period in periods)))))
        said = said.when(among.copy(), literal(_in_words(periods)))
    told = {
        "day": _HIDDEN if personal(dated) else exp.cast(day.copy(), "VARCHAR"),
        # Of a code that isn't shown, its dates would tell which it is.
        "validity": _HIDDEN if personal(field) else said,
    }
    return RowCheck(RULE, field.name, exp.or_(*failing), {"date_column": dated.name}, told_by_row=told)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field whose codes have dates and whose schema says which date counts; rows without it are not judged."""
    for field in schema.fields:
        groups = _periods(field.codes) if field.code_list_date else {}
        if groups:
            yield _check(field, schema.field(field.code_list_date), groups)
