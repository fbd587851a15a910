"""Expectations about the values of one column, each judged by itself."""

from __future__ import annotations

from sqlglot import exp

from quality.expectations.column import NUMERIC, ORDERED, Column, Misuse, number, spread
from quality.expectations.question import Question
from quality.rules.check import RowCheck

_SHOWN = 12


def listed(options: list[object]) -> str:
    """The first options of a set, for messages."""
    return ", ".join(map(str, options[:_SHOWN])) + (" …" if len(options) > _SHOWN else "")


def _one(question: Question, fails: exp.Expr, expected: str) -> RowCheck:
    return question.rows([question.subject], question.subject.there, fails, expected)


def not_null(question: Question) -> RowCheck:
    """There must be a value."""
    return question.rows([question.subject], exp.true(), question.subject.missing, "have a value")


def null(question: Question) -> RowCheck:
    """There must be none."""
    return question.rows([question.subject], exp.true(), question.subject.there, "have no value")


def limits(question: Question, column: Column | None, required: bool) -> tuple[list[tuple[exp.Expr, bool, bool]], str]:
    """The limits of min_value and max_value as (constant, is it the lower, must it be passed), and their words.

    `column` is what they are held against; None: a plain number.

    Raises:
        Misuse: there is none where one is required, they cross, or they can't be compared with the column.
    """
    found, words = [], []
    for name, strictly, lower in (("min_value", "strict_min", True), ("max_value", "strict_max", False)):
        limit, strict = question.given(name), question.flag(strictly)
        if limit is not None:
            found.append((column.bound(limit) if column else number(limit), lower, strict))
            words.append(f"{('>' if strict else '≥') if lower else ('<' if strict else '≤')} {limit}")
    if required and not found:
        raise Misuse("min_value and max_value can't both be missing")
    _refuse_crossed(question.given("min_value"), question.given("max_value"))
    return found, " and ".join(words)


def _refuse_crossed(low: object, high: object) -> None:
    both_numbers = isinstance(low, int | float) and isinstance(high, int | float)
    if both_numbers and low > high:  # type: ignore[operator]
        raise Misuse("min_value is greater than max_value")
    if isinstance(low, str) and isinstance(high, str) and low > high and "-" in low:
        raise Misuse("min_value is later than max_value")


def outside(cell: exp.Expr, bounds: list[tuple[exp.Expr, bool, bool]]) -> exp.Expr:
    """Whether a value breaks one of the limits; NULL for no value."""
    operators = {(True, False): exp.LT, (True, True): exp.LTE, (False, False): exp.GT, (False, True): exp.GTE}
    return exp.or_(*(operators[lower, strict](this=cell.copy(), expression=limit) for limit, lower, strict in bounds))


def between(question: Question) -> RowCheck:
    """The value must lie between limits."""
    column = question.subject.only(ORDERED)
    bounds, words = limits(question, column, required=True)
    return _one(question, outside(column.cell, bounds), f"be {words}")


def in_set(question: Question) -> RowCheck:
    """The value must be one of a list; no list lets all pass."""
    if question.given("value_set") is None:
        return _one(question, exp.false(), "be anything")
    options = question.options("value_set")
    return _one(question, exp.not_(question.subject.among(options)), f"be one of {listed(options)}")


def not_in_set(question: Question) -> RowCheck:
    """The value must be none of a list."""
    if question.given("value_set") is None:
        return _one(question, exp.false(), "be anything")
    options = question.options("value_set")
    return _one(question, question.subject.among(options), f"be none of {listed(options)}")


def increasing(question: Question) -> RowCheck:
    """The value must not be below that of the row before it that has one."""
    return _in_order(question, exp.LTE if question.flag("strictly") else exp.LT, "greater")


def decreasing(question: Question) -> RowCheck:
    """The value must not be above that of the row before it that has one."""
    return _in_order(question, exp.GTE if question.flag("strictly") else exp.GT, "less")


def _in_order(question: Question, fails: type[exp.Binary], word: str) -> RowCheck:
    column = question.subject.only(ORDERED)
    row = exp.column(exp.to_identifier("__row__", quoted=True))
    judged = exp.and_(question.concerned, column.there)
    before = question.window(exp.Anonymous(this="lag", expressions=[column.cell]), [judged], row)
    words = f"be {word} than" if question.flag("strictly") else f"be {word} than, or equal to,"
    return _one(question, fails(this=column.cell, expression=before), f"{words} the value before it")


def unique(question: Question) -> RowCheck:
    """The value must stand in one row only."""
    judged = exp.and_(question.concerned, question.subject.there)
    alike = question.window(exp.Count(this=exp.Star()), [judged, question.subject.cell])
    return _one(question, exp.GT(this=alike, expression=exp.Literal.number(1)), "stand in one row only")


def z_score(question: Question) -> RowCheck:
    """The value must not lie so many standard deviations from the mean; without a deviation, none does."""
    column, judged = question.subject.only(NUMERIC), exp.and_(question.concerned, question.subject.there)
    threshold = question.given("threshold")
    limit = number(threshold)
    cell = exp.cast(column.cell, "DOUBLE")
    mean = question.window(exp.Anonymous(this="avg", expressions=[cell.copy()]), [judged])
    deviation = spread(cell, lambda own: question.window(own, [judged.copy()]))
    score: exp.Expr = exp.Div(this=exp.paren(exp.Sub(this=cell, expression=mean)), expression=deviation)
    if question.flag("double_sided", True):
        score, limit = exp.Abs(this=score), exp.Abs(this=limit)
    some = exp.GT(this=deviation.copy(), expression=exp.Literal.number(0))
    fails = exp.and_(some, exp.GTE(this=score, expression=limit))
    return _one(question, fails, f"be less than {threshold} standard deviations from the mean")


def outlier(question: Question) -> RowCheck:
    """The value must lie within Tukey's fences, or less than so many standard deviations from the mean."""
    column, judged = question.subject.only(NUMERIC), exp.and_(question.concerned, question.subject.there)
    method, multiplier = question.given("method", "iqr"), number(question.given("multiplier", 1.5))

    def over(function: str, *arguments: exp.Expr) -> exp.Expr:
        cell = exp.cast(column.cell, "DOUBLE")
        return question.window(exp.Anonymous(this=function, expressions=[cell, *arguments]), [judged.copy()])

    if method == "std":
        deviation = spread(column.cell, lambda own: question.window(own, [judged.copy()]))
        reach = exp.Mul(this=multiplier, expression=deviation)
        far = exp.Abs(this=exp.Sub(this=column.cell, expression=over("avg")))
        none = exp.LTE(this=reach.copy(), expression=exp.Literal.number(0))
        off = exp.Case().when(none, exp.NEQ(this=column.cell, expression=over("avg")))
        return _one(question, off.else_(exp.GTE(this=far, expression=reach)), "be near the mean")
    if method != "iqr":
        raise Misuse(f"method is iqr or std, not {method!r}")
    low, high = (over("quantile_cont", number(share)) for share in (0.25, 0.75))
    reach = exp.Mul(this=multiplier, expression=exp.paren(exp.Sub(this=high, expression=low)))
    below = exp.LT(this=column.cell, expression=exp.Sub(this=low.copy(), expression=reach))
    above = exp.GT(this=column.cell, expression=exp.Add(this=high.copy(), expression=reach.copy()))
    return _one(question, exp.or_(below, above), "lie within the fences of the other values")
