"""Business registration numbers (市场主体注册号, GS 15-2006): authority 6, order 8, check by ISO 7064 MOD 11,10.

Before 2007 numbers had 13 digits and no check. Source: standards.md 3.4.
"""

from __future__ import annotations

import datetime

from sqlglot import exp

from quality.cells import literal
from quality.standards.characters import as_number, character_at, number, piece, remainder, step_of, total
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

#: From this day on numbers have 15 digits.
LEGACY_ENDED = datetime.date(2007, 1, 1)
_LENGTH = 15
#: What a remainder and the next digit, added, make of the remainder: t = (p + d) mod 10, or 10 for 0; then 2t mod 11.
_STEPS = tuple(2 * ((added - 1) % 10 + 1) % 11 for added in range(20))


def _last_remainder(form: exp.Expr) -> exp.Expr:
    digits = as_number(piece(form, 1, _LENGTH - 1))
    last: exp.Expr = number(10)
    for power in reversed(range(_LENGTH - 1)):
        last = step_of(_STEPS, total([last, remainder(digits // number(10**power), 10)]))
    return last


def wanted(form: exp.Expr) -> exp.Expr:
    """The check digit that the first fourteen ask for."""
    return character_at("0123456789", remainder(number(11) - _last_remainder(form), 10))


def _is_long(form: exp.Expr) -> exp.Expr:
    return exp.Length(this=form.copy()).eq(_LENGTH)


def _wrong_check(cell: Cell) -> exp.Expr:
    check = as_number(piece(cell.form, _LENGTH, 1))
    # Of 13 digits there is no check, so that this is NULL.
    return remainder(total([_last_remainder(cell.form), check]), 10).neq(1)


def _out_of_use(cell: Cell) -> exp.Expr:
    """Whether it has 13 digits, and neither the field nor the record's date says that it may."""
    if cell.legacy:
        return exp.false()
    short = exp.not_(_is_long(cell.form))
    if cell.day is None:
        return short
    ended = exp.GTE(this=cell.day.copy(), expression=exp.cast(literal(LEGACY_ENDED.isoformat()), "DATE"))
    return exp.and_(short, ended)


STANDARD = Standard(
    form=well_formed(r"[0-9]{13}|[0-9]{15}"), faults={"legacy": _out_of_use, "check-digit": _wrong_check}
)
