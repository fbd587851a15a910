"""Expectations of Chinese standards, which no stock expectation has: `expect_column_values_to_be_uscc` and others.

The seam to the standards themselves is `FAILS`: by a standard's name, what of a text over CELLS says that it breaks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from quality.cells import literal, matches
from quality.expectations.column import Kind
from quality.expectations.question import Question
from quality.rules.check import RowCheck

#: The characters of GB 32100-2015 in the order of their values.
_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _uscc(text: exp.Expr) -> exp.Expr:
    """GB 32100-2015: 18 characters, the last making the sum weighted by 3^i (mod 31) a multiple of 31."""
    formed = matches(text, rf"[{_CHARACTERS}]{{2}}[0-9]{{6}}[{_CHARACTERS}]{{10}}")
    total: exp.Expr = exp.Literal.number(0)
    for place in range(18):
        character = exp.Anonymous(
            this="substr", expressions=[text.copy(), exp.Literal.number(place + 1), exp.Literal.number(1)]
        )
        value = exp.Anonymous(this="strpos", expressions=[literal(_CHARACTERS), character]) - 1
        weight = 1 if place == 17 else pow(3, place, 31)
        total = total + exp.paren(value) * exp.Literal.number(weight)
    remainder = exp.Mod(this=exp.paren(total), expression=exp.Literal.number(31))
    return exp.or_(exp.not_(formed), remainder.neq(0))


def _mobile(text: exp.Expr) -> exp.Expr:
    """A mobile number of the numbering plan: 11 digits from 13 to 19."""
    return exp.not_(matches(text, "1[3-9][0-9]{9}"))


#: Name of a standard → whether a text breaks it; NULL for no text.
FAILS: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {"uscc": _uscc, "mobile": _mobile}


def expectation_type(standard: str) -> str:
    """The type of the expectation that values meet a standard."""
    return f"expect_column_values_to_be_{standard.replace('-', '_')}"


#: Type of expectation → the standard that it is about.
STANDARD_TYPES: Mapping[str, str] = {expectation_type(standard): standard for standard in FAILS}


def meets_standard(question: Question) -> RowCheck:
    """The value must meet the standard that the expectation's type names."""
    standard = STANDARD_TYPES[question.expectation.type]
    column = question.subject.only([Kind.TEXT])
    return question.rows([column], column.there, FAILS[standard](column.cell), f"be a valid {standard}")
