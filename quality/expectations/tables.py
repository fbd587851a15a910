"""Expectations about the table: how many rows, and which columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from quality.cells import only_if
from quality.expectations.bounds import between
from quality.expectations.column import Misuse
from quality.expectations.question import Question
from quality.expectations.suite import OTHER_TABLE
from quality.rules.check import TableCheck, Verdict


def _rows(question: Question) -> exp.Expr:
    return exp.Count(this=only_if(question.concerned, exp.Literal.number(1)))


def _count(question: Question) -> int:
    wanted = question.given("value")
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        raise Misuse(f"value is a whole number, not {wanted!r}")
    return wanted


def row_count_between(question: Question) -> TableCheck:
    """The number of rows must lie between limits."""
    return between(question, [_rows(question)], None, "number of rows")


def row_count_equal(question: Question) -> TableCheck:
    """There must be so many rows."""
    wanted = _count(question)

    def verdict(values: Sequence[Any]) -> Verdict:
        return Verdict(values[0] == wanted, values[0])

    return question.table((), [_rows(question)], verdict, f"have {wanted} rows")


def row_count_equal_to_other(question: Question) -> TableCheck:
    """There must be as many rows as another dataset of the catalogue has in its source.

    Raises:
        Misuse: the rows of that dataset are not at hand.
    """
    name = question.given(OTHER_TABLE)
    if not isinstance(name, str) or name not in question.others:
        raise Misuse(
            f"the rows of {name!r} are not at hand: {OTHER_TABLE} is the id of another dataset of the catalogue, "
            f"and of one whose source can be read"
        )
    other = question.others[name]

    def verdict(values: Sequence[Any]) -> Verdict:
        return Verdict(values[0] == other, {"self": values[0], "other": other})

    return question.table((), [exp.Count(this=exp.Star())], verdict, f"have as many rows as {name}")


def column_count_between(question: Question) -> TableCheck:
    """The number of columns must lie between limits."""
    here = len(question.headings)
    return between(question, [], None, "number of columns", of=lambda _values: here)


def column_count_equal(question: Question) -> TableCheck:
    """There must be so many columns."""
    wanted, here = _count(question), len(question.headings)
    return question.table((), [], lambda _: Verdict(here == wanted, here), f"have {wanted} columns")


def columns_in_order(question: Question) -> TableCheck:
    """The columns must be those of a list, in its order."""
    here, wanted = list(question.headings), question.given("column_list")
    met = wanted is None or here == question.options("column_list")
    return question.table((), [], lambda _: Verdict(met, here), f"have the columns {wanted}, in this order")


def columns_in_set(question: Question) -> TableCheck:
    """The columns must be those of a set; without an exact match, these at least."""
    here = set(question.headings)
    wanted = set(question.texts("column_set")) if question.given("column_set") is not None else set()
    met = here == wanted if question.flag("exact_match", True) else wanted <= here
    return question.table((), [], lambda _: Verdict(met, sorted(here)), f"have the columns {sorted(wanted)}")


def column_exists(question: Question) -> TableCheck:
    """There must be a column of that name, and at that position (from 0) where one is given."""
    name, index = question.given("column"), question.given("column_index")
    if not isinstance(name, str):
        raise Misuse(f"column is a name, not {name!r}")
    here = list(question.headings)
    met = name in here and (index is None or here.index(name) == index)
    return question.table((), [], lambda _: Verdict(met), f"have a column {name}")
