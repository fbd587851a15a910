"""Expectations of Chinese standards, which no stock expectation has: `expect_column_values_to_be_uscc` and others.

`FAILS` says of each standard of `quality.standards`, over a text, whether it breaks it: the scan and GX both ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from quality.expectations.column import Kind
from quality.expectations.question import Question
from quality.rules.check import RowCheck
from quality.standards.catalogue import STANDARDS
from quality.standards.standard import Cell, Standard


def _breaking(standard: Standard) -> Callable[[exp.Expr], exp.Expr]:
    """Whether a text breaks a standard, however it is spelt: of no record's date, and in no form that is out of use."""
    # The last fault is a spelling, which a value may have and be right.
    graver = exp.Literal.number((1 << len(standard.faults)) - 1)

    def fails(text: exp.Expr) -> exp.Expr:
        form = standard.form(text)
        bits = standard.bits(Cell(text.copy(), form))
        wrong = exp.BitwiseAnd(this=exp.paren(bits), expression=graver.copy())
        broken = exp.or_(form.copy().is_(exp.null()), exp.paren(wrong).neq(0))
        return exp.and_(text.copy().is_(exp.null()).not_(), broken)

    return fails


#: Name of a standard → whether a text breaks it; no text breaks none.
FAILS: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {name: _breaking(each) for name, each in STANDARDS.items()}


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
