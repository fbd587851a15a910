"""The aggregate queries of a scan: what each check needs of the table, as many checks as can be in one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
from sqlglot import exp

from quality import keys
from quality.rules.check import RowCheck, TableCheck
from quality.table import JUDGED, ROW, text_column

#: Whether a row fails a check that looks at others, too.
_FAILED = "failed"


def sql_of(expression: exp.Expr) -> str:
    """An expression in DuckDB's words."""
    return expression.sql("duckdb", identify=True)


def named(expression: exp.Expr, name: str) -> exp.Expr:
    """An expression under a name."""
    return exp.alias_(expression, exp.to_identifier(name, quoted=True), copy=False)


# FILTER would be the plainer SQL, but DuckDB gives each filtered aggregate a buffer of every column: 90 checks of a
# table with 92 columns took 700 MB and 15 s for six rows.


def _count(condition: exp.Expr | None = None) -> exp.Expr:
    counted = exp.Case().when(condition, exp.Literal.number(1), copy=False) if condition is not None else exp.Star()
    return exp.Count(this=counted)


def _first_rows(condition: exp.Expr, examples: int) -> exp.Expr:
    row = exp.column(exp.to_identifier(ROW, quoted=True))
    failing = exp.Case().when(condition, row, copy=False)
    return exp.Anonymous(this="min", expressions=[failing, exp.Literal.number(examples)])


def _judged(check: RowCheck) -> exp.Expr:
    if check.judged is not None:
        return _count(check.judged)
    if check.of_all_rows:
        return _count()
    text = exp.column(exp.to_identifier(text_column(check.column), quoted=True))
    return exp.Count(this=text)


def _aggregates(connection: duckdb.DuckDBPyConnection, check: RowCheck | TableCheck, examples: int) -> list[exp.Expr]:
    """What one check needs of the table: of rows, how many are concerned, judged and failed, and the first of them."""
    if isinstance(check, TableCheck):
        return [readable(connection, aggregate) for aggregate in check.aggregates]
    for function in check.functions:
        keys.register(connection, function.name, function.call, function.arguments)
    fails = readable(connection, check.fails)
    wanted = max(examples, check.kept)
    if check.windowed:
        # An aggregate can't look into a window's rows: they are told first.
        fails = exp.column(_FAILED, quoted=True)
    return [_count(check.within), _judged(check), _count(fails), _first_rows(fails, wanted)]


def _table(connection: duckdb.DuckDBPyConnection, checks: Sequence[RowCheck | TableCheck]) -> exp.Select:
    """JUDGED, or for a check by window all its columns and whether a row fails."""
    [first, *_] = checks or (None,)
    if not isinstance(first, RowCheck) or not first.windowed:
        return exp.select(exp.Star()).from_(JUDGED)
    return exp.select(exp.Star(), named(readable(connection, first.fails), _FAILED)).from_(JUDGED)


def readable(connection: duckdb.DuckDBPyConnection, expression: exp.Expr) -> exp.Expr:
    """Patterns that RE2 doesn't know (look-around, back references) go to Python's own engine."""

    def replaced(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.RegexpFullMatch) and not _is_re2(connection, node.expression.name):
            keys.register_python_match(connection)
            return exp.Anonymous(this="python_full_match", expressions=[node.this, node.expression])
        return node

    return expression.transform(replaced)


def _is_re2(connection: duckdb.DuckDBPyConnection, pattern: str) -> bool:
    # A constant in the query, for a parameter would make DuckDB import pandas, which takes half a second.
    asked = exp.RegexpFullMatch(this=exp.Literal.string(""), expression=exp.Literal.string(pattern))
    try:
        connection.execute(sql_of(exp.select(asked)))
    except duckdb.Error:
        return False
    return True


def values_of(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[RowCheck | TableCheck], examples: int
) -> tuple[int, list[list[Any]]]:
    """The number of rows, and the values of each check's aggregates; one query for all of them."""
    wanted = [_aggregates(connection, check, examples) for check in checks]
    flat = [_count(), *(aggregate for own in wanted for aggregate in own)]
    columns = (named(item, f"a{position}") for position, item in enumerate(flat))
    # Copies of so many expressions would take longer than the query of a small table.
    query = exp.select(*columns, copy=False).from_(_table(connection, checks).subquery("cells"), copy=False)
    rows, *found = connection.execute(sql_of(query)).fetchone() or (0,)
    values = iter(found)
    return rows, [[next(values) for _ in own] for own in wanted]


def alone(check: RowCheck | TableCheck) -> bool:
    """Whether the check takes a query of its own."""
    return check.windowed if isinstance(check, RowCheck) else check.alone
