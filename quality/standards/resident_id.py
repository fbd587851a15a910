"""Residents' numbers (公民身份号码, GB 11643-1999): division 6, birth date 8, order 3, check by ISO 7064 MOD 11-2.

The 15-digit form of before has no check and a year of two digits; it is judged as the 18-digit number that it stands
for. The division was valid when the number was given, and no table of today judges it. Source: standards.md 3.3; that
15 digits are out of use since 2013 is the 2011 amendment of 居民身份证法 in our reading.
"""

from __future__ import annotations

import datetime

from sqlglot import exp

from quality.cells import literal, matches, only_if
from quality.standards.characters import (
    as_number,
    character_at,
    digits_weighed,
    piece,
    place_in,
    remainder,
    total,
)
from quality.standards.normal_form import plainly
from quality.standards.standard import Cell, Standard

MODULUS = 11
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: Check characters by the weighted sum modulo 11.
CHECKS = "10X98765432"
#: From this day on the 15-digit form is out of use.
SHORT_ENDED = datetime.date(2013, 1, 1)
_VALUES = "0123456789X"
_LONG = r"[1-9][0-9]{16}[0-9X]"
_SHORT = r"[1-9][0-9]{14}"
#: Days of 1800 to 2999, as YYYYMMDD: nobody born before could be given a number.
_REAL_DAY = (
    r"(?:1[89]|2[0-9])[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:(?:1[89]|2[0-9])(?:0[48]|[2468][048]|[13579][26])|2[048]00)0229"
)


def _sum(body: exp.Expr) -> exp.Expr:
    return digits_weighed(as_number(body), WEIGHTS, MODULUS)


def eighteen(short: exp.Expr) -> exp.Expr:
    """The 18-digit number of a 15-digit one: 19 before the year, and the check behind.

    Order numbers 996 to 999 were for those born before 1900; of them the century is a guess, and nothing here needs it.
    """
    body = exp.DPipe(this=exp.DPipe(this=piece(short, 1, 6), expression=literal("19")), expression=piece(short, 7, 9))
    return exp.DPipe(this=body, expression=character_at(CHECKS, remainder(_sum(body.copy()), MODULUS)))


def _form(text: exp.Expr) -> exp.Expr:
    plain = plainly(text)
    form = exp.Case().when(matches(text.copy(), _LONG), text.copy()).when(matches(plain, _LONG), plain.copy())
    return form.when(matches(plain.copy(), _SHORT), eighteen(plain.copy()))


def _is_short(cell: Cell) -> exp.Expr:
    return only_if(cell.text.neq(cell.form), matches(plainly(cell.text), _SHORT))


def _wrong_check(cell: Cell) -> exp.Expr:
    # MOD 11-2: the sum and the check's value make 1; a place among _VALUES is one more than the value.
    value = place_in(_VALUES, piece(cell.form, 18))
    return remainder(_sum(piece(cell.form, 1, 17)) + value, MODULUS).neq(2)


def _born(cell: Cell) -> exp.Expr:
    return piece(cell.form, 7, 8)


def _no_day(cell: Cell) -> exp.Expr:
    return exp.not_(matches(_born(cell), _REAL_DAY))


def _born_later(cell: Cell) -> exp.Expr:
    if cell.day is None:
        return exp.false()
    parts = (exp.Year(this=cell.day.copy()) * 10_000, exp.Month(this=cell.day.copy()) * 100, exp.Day(this=cell.day))
    return exp.GT(this=as_number(_born(cell)), expression=total(parts))


def _out_of_use(cell: Cell) -> exp.Expr:
    if cell.day is None or cell.legacy:
        return exp.false()
    ended = exp.GTE(this=cell.day.copy(), expression=exp.cast(literal(SHORT_ENDED.isoformat()), "DATE"))
    return exp.and_(_is_short(cell), ended)


def _misspelt(cell: Cell) -> exp.Expr:
    return only_if(cell.text.neq(cell.form), exp.not_(matches(cell.text.copy(), _SHORT)))


STANDARD = Standard(
    form=_form,
    # A day that there is not says more than a check that doesn't go with it.
    faults={
        "birth-date": _no_day,
        "check-digit": _wrong_check,
        "born-after-record": _born_later,
        "legacy": _out_of_use,
    },
    misspelt=_misspelt,
)
