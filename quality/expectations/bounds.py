"""Limits of an aggregate, written out or told by the last release, and how an observed value is shown."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from quality.expectations.column import NUMERIC, Column, Kind, Misuse
from quality.expectations.last_release import Relative, relative
from quality.expectations.question import Question
from quality.expectations.values import limits
from quality.masking import personal
from quality.rules.check import TableCheck, Verdict

_HIDDEN = "(not shown)"


def as_shown(column: Column, observed: object) -> object:
    """An observed value as a message may show it: one that stands in a cell may be personal."""
    if observed is None:
        return None
    if isinstance(observed, datetime.date):
        observed = observed.isoformat()
    return _HIDDEN if personal(column.field) else _in_json(observed)


def _in_json(observed: object) -> object:
    """The same as JSON has it, which knows no infinity."""
    return str(observed) if isinstance(observed, float) and math.isinf(observed) else observed


def limit_of(column: Column | None, limit: object) -> Any:
    """A limit as Python compares it with what DuckDB gives back."""
    if column is None or column.kind in NUMERIC:
        return float(limit) if isinstance(limit, str) else limit
    kind = datetime.datetime if column.kind is Kind.DATETIME else datetime.date
    return kind.fromisoformat(str(limit))


def between(
    question: Question, aggregates: Sequence[exp.Expr], column: Column | None, what: str, **how: Any
) -> TableCheck:
    """An aggregate must lie between limits; `column` is given where it is one of the column's own values.

    No aggregate of an empty column lies anywhere; without limits, any does. `how` may have `alone` and `of`, which
    makes one value of several aggregates. Limits may be told by the last release; without one, they are met.
    """
    if any(relative(question.expectation.kwargs.get(name)) for name in ("min_value", "max_value")):
        return _beside_last_release(question, aggregates, column, what, **how)
    _, words = limits(question, column, required=False)
    low, high = question.given("min_value"), question.given("max_value")
    lowest, highest = (None if bound is None else limit_of(column, bound) for bound in (low, high))
    of: Callable[[Sequence[Any]], Any] = how.get("of", _first)

    def verdict(values: Sequence[Any]) -> Verdict:
        value = of(values)
        shown = as_shown(column, value) if column else _in_json(value)
        return Verdict(_lies_between(question, value, lowest, highest), None if value != value else shown)

    expected = f"have a {what} {words}" if words else f"have a {what}"
    return question.table(_names(question), aggregates, verdict, expected, alone=bool(how.get("alone")))


def _first(values: Sequence[Any]) -> Any:
    return values[0]


def _names(question: Question) -> tuple[str, ...]:
    return (question.subject.name,) if "column" in question.expectation.kwargs else ()


def _lies_between(question: Question, value: Any, lowest: Any, highest: Any) -> bool:
    if value is None or value != value:
        return False
    above = lowest is None or (value > lowest if question.flag("strict_min") else value >= lowest)
    below = highest is None or (value < highest if question.flag("strict_max") else value <= highest)
    return above and below


def _beside_last_release(
    question: Question, aggregates: Sequence[exp.Expr], column: Column | None, what: str, **how: Any
) -> TableCheck:
    """The same with limits that the last release tells, whose aggregates are asked in the same query."""
    if column is not None and column.kind not in NUMERIC:
        raise Misuse("the last release tells limits of numbers only")
    given = [question.expectation.kwargs.get(name) for name in ("min_value", "max_value")]
    bounds = [relative(limit) or (None if limit is None else limit_of(None, limit)) for limit in given]
    of: Callable[[Sequence[Any]], Any] = how.get("of", _first)
    names = _names(question)
    before = [question.previous.aggregate(own, names, question.schema) for own in aggregates if question.previous]
    known = [own for own in before if own is not None]
    compared = bool(known) and len(known) == len(before)

    def verdict(values: Sequence[Any]) -> Verdict:
        value, last = of(values[: len(aggregates)]), of(values[len(aggregates) :]) if compared else None
        shown = as_shown(column, value) if column else value
        if last is None:
            return Verdict(True, shown, {"previous": None})
        low, high = (bound.of(last) if isinstance(bound, Relative) else bound for bound in bounds)
        told = as_shown(column, last) if column else last
        return Verdict(_lies_between(question, value, low, high), shown, {"previous": told})

    asked = [*aggregates, *(known if compared else ())]
    told_limits = [limit["$PARAMETER"] if isinstance(limit, dict) else limit for limit in given]
    words = " ".join(f"{name} {limit}" for name, limit in zip(("from", "to"), told_limits, strict=True) if limit)
    return question.table(names, asked, verdict, f"have a {what} {words}", alone=bool(how.get("alone")))
