"""Expectations about one column as a whole: bounds of its aggregates, its distinct values, its quantiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from quality.cells import literal, only_if
from quality.expectations.bounds import as_shown, between, limit_of
from quality.expectations.column import NUMERIC, ORDERED, Kind, Misuse, NotCompiled, number, spread
from quality.expectations.question import Question
from quality.expectations.values import listed
from quality.rules.check import TableCheck, Verdict
from quality.table import CELLS

Aggregate = Callable[[exp.Expr], exp.Expr]


def _call(function: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=function, expressions=list(arguments))


def _concerned(question: Question) -> exp.Expr:
    """The column's value in the rows that the expectation is about, NULL elsewhere."""
    cell = question.subject.cell
    return cell if question.within is None else only_if(question.concerned, cell)


def _of_values(function: str, kinds: Sequence[Kind], *, own: bool = False) -> Callable[[Question], TableCheck]:
    """Bounds of an aggregate; `own` says that it is one of the column's values."""

    def compiled(question: Question) -> TableCheck:
        column = question.subject.only(kinds)
        return between(question, [_call(function, _concerned(question))], column if own else None, function)

    return compiled


#: The greatest and the least value.
maximum = _of_values("max", ORDERED, own=True)
minimum = _of_values("min", ORDERED, own=True)


def mean(question: Question) -> TableCheck:
    """The mean must lie between limits."""
    question.subject.only(NUMERIC)
    return between(question, [_call("avg", exp.cast(_concerned(question), "DOUBLE"))], None, "mean")


def median(question: Question) -> TableCheck:
    """The median must lie between limits."""
    question.subject.only(NUMERIC)
    aggregate = _call("median", exp.cast(_concerned(question), "DOUBLE"))
    return between(question, [aggregate], None, "median", alone=True)


def total(question: Question) -> TableCheck:
    """The sum must lie between limits; that of nothing is 0."""
    question.subject.only(NUMERIC)
    return between(question, [_call("sum", _concerned(question))], None, "sum", of=lambda values: values[0] or 0)


def standard_deviation(question: Question) -> TableCheck:
    """The standard deviation of the sample must lie between limits; one value has none, nor has infinity."""
    question.subject.only(NUMERIC)
    cell = exp.cast(_concerned(question), "DOUBLE")
    aggregate = spread(cell, lambda own: own)
    return between(question, [aggregate], None, "standard deviation")


def _distinct(cell: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[cell]))


def unique_count(question: Question) -> TableCheck:
    """How many different values there are must lie between limits."""
    return between(question, [_distinct(_concerned(question))], None, "number of values", alone=True)


def _share(values: Sequence[Any]) -> float:
    part, whole = values
    return float(part) / whole if whole else 0


def unique_share(question: Question) -> TableCheck:
    """The share of different values among all values must lie between limits."""
    cell = _concerned(question)
    counts = [_distinct(cell), exp.Count(this=cell.copy())]
    return between(question, counts, None, "share of different values", alone=True, of=_share)


def value_share(question: Question) -> TableCheck:
    """The share of rows that have a value must lie between limits."""
    rows = only_if(question.concerned, exp.Literal.number(1))
    counts = [exp.Count(this=_concerned(question)), exp.Count(this=rows)]
    return between(question, counts, None, "share of values", of=_share)


def _set(question: Question) -> tuple[list[object], exp.Expr]:
    options = [option for option in question.options("value_set") if option is not None]
    if len(options) < len(question.options("value_set")):
        raise NotCompiled("a set with null")
    return options, question.subject.among(options)


def _of_distinct(question: Question, unexpected: bool, missing: bool, expected: str) -> TableCheck:
    options, among = _set(question)
    cell = _concerned(question)
    aggregates = [_distinct(only_if(exp.not_(among.copy()), cell.copy())), _distinct(only_if(among, cell))]
    # The constants as DuckDB counts them: 1 and 1.0 are one, a day and its midnight, too.
    wanted = len(
        {limit_of(question.subject, option) if question.subject.kind in ORDERED else option for option in options}
    )

    def verdict(values: Sequence[Any]) -> Verdict:
        beyond, known = values
        counts = {"unexpected_count": beyond} if unexpected else {}
        counts |= {"missing_count": wanted - known} if missing else {}
        return Verdict(not any(counts.values()), None, counts)

    return question.table([question.subject.name], aggregates, verdict, f"{expected} {listed(options)}", alone=True)


def distinct_in_set(question: Question) -> TableCheck:
    """No value may lie outside a set."""
    return _of_distinct(question, True, False, "have no values but")


def distinct_contain_set(question: Question) -> TableCheck:
    """Each value of a set must be there."""
    return _of_distinct(question, False, True, "have all the values")


def distinct_equal_set(question: Question) -> TableCheck:
    """The values must be those of a set."""
    return _of_distinct(question, True, True, "have the values, and no others,")


def most_common(question: Question) -> TableCheck:
    """The value that stands in most rows must be one of a set; of several, one suffices where ties are right."""
    options, ties = question.options("value_set"), question.flag("ties_okay")
    column = question.subject
    cell = exp.alias_(_concerned(question), "v")
    values = exp.select(cell).from_(CELLS).subquery("cells")
    counted = exp.select("v", exp.alias_(exp.Count(this=exp.Star()), "c")).from_(values).where("v IS NOT NULL")
    modes = counted.group_by("v").subquery("counted")
    most = exp.select("v").from_(modes).qualify("c = max(c) OVER ()").subquery("modes")
    known = [option for option in options if option is not None]

    def scalar(aggregate: exp.Expr) -> exp.Expr:
        return exp.select(aggregate).from_(most.copy()).subquery()

    own = exp.column("v")
    matched = exp.or_(*(exp.EQ(this=own.copy(), expression=column.member(option)) for option in known))
    among = exp.Count(this=only_if(matched, exp.Literal.number(1))) if known else exp.Literal.number(0)
    few = _call("list_sort", _call("min", own, exp.Literal.number(20)))

    def verdict(found: Sequence[Any]) -> Verdict:
        number_of, matching, observed = found
        met = matching > 0 if ties else number_of == 1 and matching == 1
        return Verdict(met, [as_shown(column, mode) for mode in observed or []])

    aggregates = [scalar(exp.Count(this=exp.Star())), scalar(among), scalar(few)]
    return question.table([column.name], aggregates, verdict, f"have one of {listed(options)} most often", alone=True)


def _close(value: float, limit: float) -> bool:
    """Numpy's isclose with GX's tolerance for quantiles."""
    return abs(value - limit) <= 1e-8 + 1e-4 * abs(limit) if abs(limit) != float("inf") else value == limit


def _nearest(cell: exp.Expr, share: float) -> exp.Expr:
    """The value whose position is nearest to a share, of two the even one, as numpy has it."""
    values = exp.select(exp.alias_(cell, "v")).from_(CELLS).subquery("cells")
    last = exp.Sub(this=exp.Count(this=exp.column("v")), expression=exp.Literal.number(1))
    place = exp.Mul(this=exp.paren(last), expression=exp.cast(literal(repr(share)), "DOUBLE"))
    even = exp.cast(_call("round_even", place, exp.Literal.number(0)), "BIGINT")
    offset = exp.select(_call("greatest", even, exp.Literal.number(0))).from_(values.copy()).subquery()
    ordered = exp.select("v").from_(values).where("v IS NOT NULL").order_by("v").limit(1)
    return exp.Subquery(this=ordered.offset(offset))


def quantiles(question: Question) -> TableCheck:
    """Each of some quantiles must lie between two limits."""
    column, relative = question.subject.only(NUMERIC), question.given("allow_relative_error", False)
    ranges = question.given("quantile_ranges")
    if relative not in (False, None, "nearest", "linear"):
        raise NotCompiled(f"quantiles by {relative!r}")
    shares, limits_of = _quantile_ranges(ranges)
    cell = exp.cast(_concerned(question), "DOUBLE")
    if relative == "linear":
        aggregates = [_call("quantile_cont", cell.copy(), number(share)) for share in shares]
    else:
        aggregates = [_nearest(cell.copy(), share) for share in shares]

    def verdict(values: Sequence[Any]) -> Verdict:
        met = [
            value is not None and (_close(value, low) or _close(value, high) or low <= value <= high)
            for value, (low, high) in zip(values, limits_of, strict=True)
        ]
        shown = [as_shown(column, value) for value in values]
        return Verdict(all(met), {"quantiles": shares, "values": shown}, {"details": {"success_details": met}})

    return question.table([column.name], aggregates, verdict, f"have the quantiles {ranges}", alone=True)


def _quantile_ranges(ranges: object) -> tuple[list[float], list[tuple[float, float]]]:
    """The quantiles, and the limits of each.

    Raises:
        Misuse: they are not as GX writes them.
    """
    try:
        given = ranges if isinstance(ranges, dict) else {}
        shares = [float(share) for share in given["quantiles"]]
        limits_of = [
            (-float("inf") if low is None else float(low), float("inf") if high is None else float(high))
            for low, high in given["value_ranges"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Misuse("quantile_ranges has quantiles and value_ranges, a pair of numbers each") from error
    if len(shares) != len(limits_of) or any(not 0 <= share <= 1 for share in shares):
        raise Misuse("quantile_ranges has as many value_ranges as quantiles, and these lie from 0 to 1")
    return shares, limits_of
