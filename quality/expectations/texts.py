"""Expectations about the text of one column's values: patterns, lengths, and what Python can parse."""

from __future__ import annotations

import datetime
import functools
import json

from sqlglot import exp

from quality.cells import literal
from quality.expectations.column import Kind, Misuse, number
from quality.expectations.question import Question
from quality.expectations.regexes import searched
from quality.expectations.values import limits, outside
from quality.rules.check import PythonFunction, RowCheck


def _one(question: Question, meets: exp.Expr, expected: str, functions: tuple[PythonFunction, ...] = ()) -> RowCheck:
    return question.rows([question.subject], question.subject.there, exp.not_(meets), expected, functions)


def matches(question: Question) -> RowCheck:
    """A pattern must be found."""
    regex = question.given("regex")
    found, functions = searched(question.subject.text, regex)
    return _one(question, found, f"match {regex}", functions)


def matches_not(question: Question) -> RowCheck:
    """A pattern must not be found."""
    regex = question.given("regex")
    found, functions = searched(question.subject.text, regex)
    return _one(question, exp.not_(found), f"not match {regex}", functions)


def _any_of(question: Question, together: str) -> tuple[exp.Expr, tuple[PythonFunction, ...], str]:
    patterns = question.texts("regex_list")
    found = [searched(question.subject.text, pattern) for pattern in patterns]
    join = exp.and_ if together == "all" else exp.or_
    functions = tuple(dict.fromkeys(function for _, needed in found for function in needed))
    return exp.paren(join(*(match for match, _ in found))), functions, ", ".join(patterns)


def _match_on(question: Question) -> str:
    together = question.given("match_on", "any") or "any"
    if together not in ("any", "all"):
        raise Misuse(f"match_on is any or all, not {together!r}")
    return str(together)


def matches_list(question: Question) -> RowCheck:
    """Any, or all, of some patterns must be found."""
    together = _match_on(question)
    found, functions, words = _any_of(question, together)
    return _one(question, found, f"match {together} of {words}", functions)


def matches_none(question: Question) -> RowCheck:
    """None of some patterns may be found."""
    found, functions, words = _any_of(question, "any")
    return _one(question, exp.not_(found), f"match none of {words}", functions)


def _like(question: Question, pattern: object) -> exp.Expr:
    escape = question.given("escape")
    if not isinstance(pattern, str) or not (escape is None or (isinstance(escape, str) and len(escape) == 1)):
        raise Misuse("a like pattern is a text, and escape a single character")
    if escape is None:
        return exp.Like(this=question.subject.text, expression=literal(pattern))
    return exp.Anonymous(this="like_escape", expressions=[question.subject.text, literal(pattern), literal(escape)])


def like(question: Question) -> RowCheck:
    """An SQL pattern must match the whole text."""
    pattern = question.given("like_pattern")
    return _one(question, _like(question, pattern), f"be like {pattern}")


def like_not(question: Question) -> RowCheck:
    """An SQL pattern must not match."""
    pattern = question.given("like_pattern")
    return _one(question, exp.not_(_like(question, pattern)), f"not be like {pattern}")


def like_list(question: Question) -> RowCheck:
    """Any, or all, of some SQL patterns must match."""
    patterns, together = question.texts("like_pattern_list"), _match_on(question)
    join = exp.and_ if together == "all" else exp.or_
    found = exp.paren(join(*(_like(question, pattern) for pattern in patterns)))
    return _one(question, found, f"be like {together} of {', '.join(patterns)}")


def like_none(question: Question) -> RowCheck:
    """None of some SQL patterns may match."""
    patterns = question.texts("like_pattern_list")
    found = exp.paren(exp.or_(*(_like(question, pattern) for pattern in patterns)))
    return _one(question, exp.not_(found), f"be like none of {', '.join(patterns)}")


def _length(question: Question) -> exp.Expr:
    return exp.Anonymous(this="length", expressions=[question.subject.text])


def length_equals(question: Question) -> RowCheck:
    """The text must have so many characters."""
    wanted = question.given("value")
    return _one(question, exp.EQ(this=_length(question), expression=number(wanted)), f"have {wanted} characters")


def length_between(question: Question) -> RowCheck:
    """The text must have between so many and so many characters."""
    bounds, words = limits(question, None, required=True)
    return _one(question, exp.not_(outside(_length(question), bounds)), f"have a length {words}")


@functools.lru_cache(maxsize=65536)
def _is_time(text: str, pattern: str) -> bool:
    try:
        datetime.datetime.strptime(text, pattern)
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_date(text: str) -> bool:
    from dateutil.parser import parse  # type: ignore[import-untyped]

    try:
        parse(text)
    except (ValueError, OverflowError):
        return False
    return True


def _by_python(question: Question, function: PythonFunction, expected: str, *arguments: str) -> RowCheck:
    column = question.subject.only([Kind.TEXT])
    asked = exp.Anonymous(this=function.name, expressions=[column.cell, *map(literal, arguments)])
    return _one(question, asked, expected, (function,))


def strftime(question: Question) -> RowCheck:
    """Python's `strptime` must be able to read the text by a format."""
    pattern = question.given("strftime_format")
    if not isinstance(pattern, str):
        raise Misuse(f"strftime_format is a text, not {pattern!r}")
    return _by_python(question, PythonFunction("python_strptime", _is_time), f"be written as {pattern}", pattern)


def json_parseable(question: Question) -> RowCheck:
    """The text must be JSON."""
    return _by_python(question, PythonFunction("python_is_json", _is_json, 1), "be JSON")


def dateutil_parseable(question: Question) -> RowCheck:
    """Dateutil must be able to read the text as a date."""
    return _by_python(question, PythonFunction("python_is_date", _is_date, 1), "be a date that dateutil reads")
