"""Expectations of Chinese standards, which no stock expectation has: `expect_column_values_to_be_uscc` and others.

A value meets its standard where the rules of `quality.standards` find nothing in it, its spelling included; it is
judged without a date, by the edition in force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sqlglot import exp

from quality.expectations.column import Kind
from quality.expectations.question import Question
from quality.rules.check import RowCheck
from quality.standards.catalogue import STANDARDS
from quality.standards.standard import Cell, Standard

_FORM = "form"


def _breaks(standard: Standard, text: exp.Expr) -> exp.Expr:
    """Whether a text breaks a standard; NULL for no text.

    Its standard form is given to a lambda: written out wherever it is used, it took minutes to plan.
    """
    form = exp.column(_FORM, quoted=True)
    broken = exp.or_(form.is_(exp.null()), standard.bits(Cell(text, form)).neq(0))
    judged = exp.Lambda(this=broken, expressions=[exp.to_identifier(_FORM, quoted=True)])
    forms = exp.Array(expressions=[standard.form(text.copy())])
    answers = exp.Anonymous(this="list_transform", expressions=[forms, judged])
    answer = exp.Anonymous(this="list_extract", expressions=[answers, exp.Literal.number(1)])
    return exp.Case().when(text.is_(exp.null()).not_(), answer)


#: Name of a standard → whether a text breaks it; NULL for no text.
FAILS: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    name: partial(_breaks, standard) for name, standard in STANDARDS.items()
}


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
