"""The aggregate queries of a scan: what each check needs of the table, as many checks as can be in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from sqlglot import exp

from quality.python_functions import define_function, define_python_match
from quality.rules.check import RowCheck, TableCheck
from quality.table import JUDGED, ROW, suspect_column, text_column

#: Whether a row fails a check that looks at others, too.
_FAILED = "failed"
#: What aggregates are asked for: the rows, a column's suspicious texts, or a check by its position.
_Asked = str | int
_ROWS = ""
#: Pattern → whether RE2 knows it, of those that were asked for.
_KNOWN_PATTERNS: dict[str, bool] = {}


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


def _suspect(column: str) -> exp.Expr:
    return exp.column(exp.to_identifier(suspect_column(column), quoted=True))


def _judged(check: RowCheck) -> exp.Expr:
    if check.judged is not None:
        return _count(check.judged)
    if check.of_all_rows:
        return _count()
    text = exp.column(exp.to_identifier(text_column(check.column), quoted=True))
    return exp.Count(this=text)


def _aggregates(connection: duckdb.DuckDBPyConnection, check: RowCheck | TableCheck) -> list[exp.Expr]:
    """What one check needs of the table: of rows, how many are concerned, judged and failed.

    How many suspects fail is asked later, where there are any.
    """
    if isinstance(check, TableCheck):
        return [readable(connection, aggregate) for aggregate in check.aggregates]
    for function in check.functions:
        define_function(connection, function.name, function.call, ["VARCHAR"] * function.arguments, "BOOLEAN")
    failed = [] if check.of_suspects else [_count(_fails(connection, check))]
    return [_count(check.within), _judged(check), *failed]


def _fails(connection: duckdb.DuckDBPyConnection, check: RowCheck) -> exp.Expr:
    # An aggregate can't look into a window's rows: whether they fail is told first.
    return exp.column(_FAILED, quoted=True) if check.windowed else readable(connection, check.fails)


def _table(connection: duckdb.DuckDBPyConnection, checks: Sequence[RowCheck | TableCheck]) -> exp.Select:
    """JUDGED, or for a check by window all its columns and whether a row fails."""
    [first, *_] = checks or (None,)
    if not isinstance(first, RowCheck) or not first.windowed:
        return exp.select(exp.Star()).from_(JUDGED)
    return exp.select(exp.Star(), named(readable(connection, first.fails), _FAILED)).from_(JUDGED)


def readable(connection: duckdb.DuckDBPyConnection, expression: exp.Expr) -> exp.Expr:
    """Patterns that RE2 doesn't know (look-around, back references) go to Python's own engine."""
    patterns = {node.expression.name for node in expression.find_all(exp.RegexpFullMatch)}
    unknown = {pattern for pattern in patterns if not _is_re2(connection, pattern)}
    if not unknown:
        return expression
    define_python_match(connection)

    def replaced(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.RegexpFullMatch) and node.expression.name in unknown:
            return exp.Anonymous(this="python_full_match", expressions=[node.this, node.expression])
        return node

    return expression.transform(replaced)


def _is_re2(connection: duckdb.DuckDBPyConnection, pattern: str) -> bool:
    if pattern not in _KNOWN_PATTERNS:
        # A constant in the query, for a parameter would make DuckDB import pandas, which takes half a second.
        asked = exp.RegexpFullMatch(this=exp.Literal.string(""), expression=exp.Literal.string(pattern))
        try:
            connection.execute(sql_of(exp.select(asked)))
            _KNOWN_PATTERNS[pattern] = True
        except duckdb.Error:
            _KNOWN_PATTERNS[pattern] = False
    return _KNOWN_PATTERNS[pattern]


def _ask(
    connection: duckdb.DuckDBPyConnection,
    checks: Sequence[RowCheck | TableCheck],
    wanted: Mapping[_Asked, Sequence[exp.Expr]],
) -> dict[_Asked, list[Any]]:
    """The values of aggregates over the table of these checks, by what they are asked for; in one query."""
    if not wanted:
        return {}
    flat = [aggregate for own in wanted.values() for aggregate in own]
    columns = (named(item, f"a{position}") for position, item in enumerate(flat))
    # Copies of so many expressions would take longer than the query of a small table.
    query = exp.select(*columns, copy=False).from_(_table(connection, checks).subquery("cells"), copy=False)
    values = iter(connection.execute(sql_of(query)).fetchone() or (0,) * len(flat))
    return {asked: [next(values) for _ in own] for asked, own in wanted.items()}


def values_of(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[RowCheck | TableCheck], examples: int
) -> tuple[int, list[list[Any]]]:
    """The number of rows, and the values of each check's aggregates: one query for all of them.

    What most tables have none of is asked for in another query, where the first says that there is some: how many
    suspicious texts break a rule, and the first rows that fail. To watch for them costs every row more than to count.
    """
    of_rows = {position: check for position, check in enumerate(checks) if isinstance(check, RowCheck)}
    suspects = {position: check.column for position, check in of_rows.items() if check.of_suspects}
    wanted: dict[_Asked, Sequence[exp.Expr]] = {_ROWS: [_count()]}
    wanted |= {column: [_count(_suspect(column))] for column in suspects.values()}
    wanted |= {position: _aggregates(connection, check) for position, check in enumerate(checks)}
    found = _ask(connection, checks, wanted)
    there: dict[_Asked, Sequence[exp.Expr]] = {
        position: [_count(_fails(connection, of_rows[position]))]
        for position, column in suspects.items()
        if found[column][0]
    }
    failed: dict[_Asked, list[Any]] = {position: [0] for position in suspects}
    failed |= _ask(connection, checks, there)
    for position, own in failed.items():
        found[position] += own
    failing: dict[_Asked, Sequence[exp.Expr]] = {
        position: [_first_rows(_fails(connection, check), max(examples, check.kept))]
        for position, check in of_rows.items()
        if found[position][2]
    }
    first = _ask(connection, checks, failing)
    for position in of_rows:
        found[position] += first.get(position, [None])
    return found[_ROWS][0], [found[position] for position in range(len(checks))]


def alone(check: RowCheck | TableCheck) -> bool:
    """Whether the check takes a query of its own."""
    return check.windowed if isinstance(check, RowCheck) else check.alone
