"""`row_condition`: the rows that an expectation is about, from GX's condition objects or its older strings.

A comparison is as pandas has it: of a missing value only `!=` and `NOT_IN` are true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from quality.cells import literal
from quality.expectations.column import NUMERIC, Column, Kind, Misuse, NotCompiled, number

Columns = Callable[[object], Column]
_OPERATORS: Mapping[str, type[exp.Binary]] = {
    "==": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_OPERATOR = r"(?P<operator>==|!=|<=|>=|<|>)"
_NUMBER = r"(?P<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
_QUOTED = r"""(?:"(?P<double>[^"'\\]*)"|'(?P<single>[^"'\\]*)')"""
#: col("name") == "text", col("name") > 5, col("name").notnull()
_GREAT_EXPECTATIONS = re.compile(
    rf"""\s*col\("(?P<name>[^"]+)"\)\s*(?:(?P<there>\.(?i:notnull)\(\))|{_OPERATOR}\s*(?:{_NUMBER}|{_QUOTED}))\s*"""
)
#: name == "text", `a name` > 5
_PANDAS = re.compile(rf"\s*(?:(?P<name>[^\W\d]\w*)|`(?P<ticked>[^`]+)`)\s*{_OPERATOR}\s*(?:{_NUMBER}|{_QUOTED})\s*")


def _constant(column: Column, parameter: object) -> exp.Expr:
    if column.kind is Kind.TEXT and isinstance(parameter, str):
        return literal(parameter)
    if column.kind in NUMERIC and isinstance(parameter, int | float) and not isinstance(parameter, bool):
        return number(parameter)
    if column.kind is Kind.DATETIME and isinstance(parameter, str):
        try:
            return column.bound(parameter)
        except Misuse as error:
            raise NotCompiled(str(error)) from error
    raise NotCompiled(f"a row condition holds {parameter!r} against a {column.kind.value} column")


def _compared(column: Column, operator: str, parameter: object) -> exp.Expr:
    comparison = _OPERATORS.get(operator)
    if comparison is None or (column.kind is Kind.TEXT and operator not in ("==", "!=")):
        raise NotCompiled(f"a row condition by {operator!r} on a {column.kind.value} column")
    compared = comparison(this=column.cell, expression=_constant(column, parameter))
    return exp.Coalesce(this=compared, expressions=[exp.true() if operator == "!=" else exp.false()])


def _listed(column: Column, parameter: object, negated: bool) -> exp.Expr:
    if not isinstance(parameter, list) or column.kind not in (Kind.TEXT, *NUMERIC):
        raise NotCompiled(f"a row condition by a list on a {column.kind.value} column")
    among = exp.Coalesce(this=column.among(parameter), expressions=[exp.false()])
    return exp.not_(among) if negated else among


def _name(condition: Mapping[str, Any]) -> object:
    column = condition.get("column")
    return column.get("name") if isinstance(column, dict) else None


def _from_object(condition: Mapping[str, Any], columns: Columns) -> exp.Expr:
    kind, operator = condition.get("type"), condition.get("operator")
    if kind == "nullity":
        column = columns(_name(condition))
        return column.missing if condition.get("is_null") else column.there
    if kind == "comparison" and operator in ("IN", "NOT_IN"):
        return _listed(columns(_name(condition)), condition.get("parameter"), operator == "NOT_IN")
    if kind == "comparison":
        return _compared(columns(_name(condition)), str(operator), condition.get("parameter"))
    if kind == "pass_through":
        return _from_text(str(condition.get("pass_through_filter")), _PANDAS, columns)
    parts = condition.get("conditions")
    if kind not in ("and", "or") or not isinstance(parts, list) or not parts:
        raise Misuse(f"{condition!r} is no row condition")
    return (exp.and_ if kind == "and" else exp.or_)(*(_from_object(part, columns) for part in parts))


def _from_text(written: str, grammar: re.Pattern[str], columns: Columns) -> exp.Expr:
    found = grammar.fullmatch(written)
    if found is None:
        raise NotCompiled(f"the row condition {written!r} is more than one comparison")
    facts = found.groupdict()
    column = columns(facts["name"] or facts.get("ticked"))
    if facts.get("there"):
        return column.there
    if facts["number"]:
        digits = facts["number"]
        whole = digits.lstrip("+-").isdigit()
        return _compared(column, facts["operator"], int(digits) if whole else float(digits))
    quoted = facts["double"] if facts["double"] is not None else facts["single"]
    return _compared(column, facts["operator"], quoted)


def rows_of(condition: object, parser: object, columns: Columns) -> exp.Expr | None:
    """Whether a row is one of those that an expectation is about; None: all are.

    Args:
        condition: `row_condition` of the expectation's kwargs.
        parser: `condition_parser` beside it.
        columns: The column of a name.

    Raises:
        Misuse: it is no row condition.
        NotCompiled: it is one that only GX can read.
    """
    if condition is None or condition == "":
        return None
    if isinstance(condition, dict):
        return _from_object(condition, columns)
    if not isinstance(condition, str):
        raise Misuse(f"{condition!r} is no row condition")
    if parser in ("great_expectations", "great_expectations__experimental__"):
        return _from_text(condition, _GREAT_EXPECTATIONS, columns)
    if parser in (None, "pandas"):
        return _from_text(condition, _PANDAS, columns)
    raise NotCompiled(f"row conditions in the words of {parser!r}")
