"""Expectations about values of one record held against each other, and about keys of several columns."""

from __future__ import annotations

from itertools import combinations

from sqlglot import exp

from quality.expectations.column import NUMERIC, ORDERED, Column, Kind, Misuse, NotCompiled, comparable, number
from quality.expectations.question import Question
from quality.expectations.values import listed
from quality.rules.check import RowCheck


def _certain(condition: exp.Expr) -> exp.Expr:
    """A comparison with a missing value is not met, as in pandas."""
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def _judged(question: Question, columns: tuple[Column, ...], some: str, every: str, none: str) -> exp.Expr:
    """The rows that `ignore_row_if` leaves, given the words for it."""
    ignored = question.given("ignore_row_if", every)
    if ignored == none:
        return exp.true()
    if ignored == every:
        return exp.paren(exp.or_(*(column.there for column in columns)))
    if ignored == some:
        return exp.and_(*(column.there for column in columns))
    raise Misuse(f"ignore_row_if is {every}, {some} or {none}, not {ignored!r}")


def _pair(question: Question, meets: exp.Expr, expected: str) -> RowCheck:
    judged = _judged(question, question.pair, "either_value_is_missing", "both_values_are_missing", "neither")
    return question.rows(question.pair, judged, exp.not_(_certain(meets)), expected)


def _several(question: Question, fails: exp.Expr, expected: str) -> RowCheck:
    return question.rows(question.several, _left(question), fails, expected)


def _left(question: Question) -> exp.Expr:
    return _judged(question, question.several, "any_value_is_missing", "all_values_are_missing", "never")


def _refuse_unlike(first: Column, second: Column) -> None:
    if not comparable(first, second):
        raise NotCompiled(f"a {first.kind.value} column beside a {second.kind.value} column")


def pair_equal(question: Question) -> RowCheck:
    """Both columns must have the same value."""
    first, second = question.pair
    _refuse_unlike(first, second)
    return _pair(question, exp.EQ(this=first.cell, expression=second.cell), "be the same in both columns")


def pair_greater(question: Question) -> RowCheck:
    """The first column's value must be greater."""
    first, second = question.pair
    _refuse_unlike(first.only([*ORDERED, Kind.TEXT]), second)
    or_equal = question.flag("or_equal")
    compared = (exp.GTE if or_equal else exp.GT)(this=first.cell, expression=second.cell)
    sign = "≥" if or_equal else ">"
    return _pair(question, compared, f"have {first.name} {sign} {second.name}")


def pair_in_set(question: Question) -> RowCheck:
    """Both values together must be one of some pairs; null stands for a missing value."""
    pairs = question.options("value_pairs_set")
    if any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
        raise Misuse("value_pairs_set is a list of pairs")
    options = [
        exp.and_(*(_is(column, value) for column, value in zip(question.pair, pair, strict=True)))
        for pair in pairs
        if isinstance(pair, list)
    ]
    meets = exp.paren(exp.or_(*options)) if options else exp.false()
    return _pair(question, meets, f"be one of {listed(pairs)}")


def _is(column: Column, value: object) -> exp.Expr:
    return column.missing if value is None else exp.EQ(this=column.cell, expression=column.member(value))


def compound_unique(question: Question) -> RowCheck:
    """The values of some columns together must stand in one row only; a missing value is one, too."""
    judged = exp.and_(question.concerned, _left(question))
    cells = [column.cell for column in question.several]
    alike = question.window(exp.Count(this=exp.Star()), [judged, *cells])
    return _several(question, exp.GT(this=alike, expression=exp.Literal.number(1)), "stand together in one row only")


def _alike(first: Column, second: Column) -> exp.Expr:
    """Whether two values are the same, or both missing."""
    if comparable(first, second):
        return exp.NullSafeEQ(this=first.cell, expression=second.cell)
    if {first.kind, second.kind} - {Kind.TEXT, *NUMERIC}:
        raise NotCompiled(f"a {first.kind.value} column beside a {second.kind.value} column")
    return exp.and_(first.missing, second.missing)


def unique_within_record(question: Question) -> RowCheck:
    """No two of some columns may have the same value."""
    doubles = [_alike(first, second) for first, second in combinations(question.several, 2)]
    return _several(question, exp.paren(exp.or_(*doubles)), "have another value in each of the columns")


def equal_within_record(question: Question) -> RowCheck:
    """All of some columns must have the same value."""
    first, *others = question.several
    same = exp.and_(*(_alike(first, other) for other in others))
    return _several(question, exp.not_(exp.paren(same)), "have the same value in all of the columns")


def sum_equal(question: Question) -> RowCheck:
    """The values of some columns must add up; a missing one never does."""
    cells = [exp.cast(column.only(NUMERIC).cell, "DOUBLE") for column in question.several]
    total: exp.Expr = cells[0]
    for cell in cells[1:]:
        total = exp.Add(this=total, expression=cell)
    wanted = question.given("sum_total")
    meets = exp.EQ(this=exp.paren(total), expression=number(wanted))
    return _several(question, exp.not_(_certain(meets)), f"add up to {wanted}")
