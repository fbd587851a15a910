"""Unified social credit codes (统一社会信用代码, GB 32100-2015), and the organisation code that each has within.

Authority 1, kind 1, division 6 digits, organisation code 9, check 1, of 31 characters: no I, O, S, V, Z. Weights are
3^(i−1) mod 31, and the sum with the check counted once is divisible by 31. Source: standards.md 3.1; that the division
is of digits is the standard's table 1 in our reading.
"""

from __future__ import annotations

from functools import cache

from sqlglot import exp

from quality.standards import organisation_code
from quality.standards.characters import (
    LETTERS_AND_DIGITS,
    as_number,
    character_at,
    digits_weighed,
    number,
    piece,
    place_in,
    placed,
    remainder,
    total,
    weighed,
)
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MODULUS = 31
_LENGTH = 18
_DIVISION = range(3, 9)
_INNER = 9  # the first place of the organisation code
_INNER_CHECK = 17
_BOTH = MODULUS * organisation_code.MODULUS
_FORM = r"[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}"


def _congruent(outer: int, inner: int) -> int:
    """The residue that is one number modulo 31 and another modulo 11 (Chinese remainder theorem).

    One sum of such residues judges the code and the organisation code within it: a character is read once for both.
    """
    modulus = organisation_code.MODULUS
    return next(each for each in range(outer % MODULUS, _BOTH, MODULUS) if each % modulus == inner % modulus)


def _weight(place: int) -> int:
    return pow(3, place - 1, MODULUS) if place < _LENGTH else 1


def _inner_residue(place: int, letter: str) -> int:
    """A character's share in the organisation code's sum; 0 outside of it."""
    if place == _INNER_CHECK:
        return organisation_code.CHECKS.find(letter)
    if place not in range(_INNER, _INNER_CHECK):
        return 0
    return LETTERS_AND_DIGITS.index(letter) * organisation_code.WEIGHTS[place - _INNER]


@cache
def _table(place: int) -> str:
    residues = {
        letter: _congruent(value * _weight(place), _inner_residue(place, letter))
        for value, letter in enumerate(ALPHABET)
    }
    return placed(residues, _BOTH)


def _sum(form: exp.Expr, last: int, first: int = 1) -> exp.Expr:
    places = [place for place in range(first, last + 1) if place not in _DIVISION]
    letters = weighed(form, {place: _table(place) for place in places})
    if first > _DIVISION.start:
        return letters
    division = as_number(piece(form, _DIVISION.start, len(_DIVISION)))
    return total([letters, digits_weighed(division, [_congruent(_weight(place), 0) for place in _DIVISION], _BOTH)])


def wanted(form: exp.Expr) -> exp.Expr:
    """The check character that the first seventeen ask for."""
    rest = remainder(_sum(form, _LENGTH - 1), MODULUS)
    return character_at(ALPHABET, remainder(number(MODULUS) - rest, MODULUS))


def wanted_within(form: exp.Expr) -> exp.Expr:
    """The check character that the organisation code within asks for, which stands in place 17."""
    return organisation_code.check_by_sum(_sum(form, _INNER_CHECK - 1, _INNER))


def _both(cell: Cell) -> exp.Expr:
    return remainder(_sum(cell.form, _LENGTH), _BOTH)


def _wrong_check(cell: Cell) -> exp.Expr:
    return remainder(_both(cell), MODULUS).neq(0)


def _wrong_within(cell: Cell) -> exp.Expr:
    no_check = place_in(organisation_code.CHECKS, piece(cell.form, _INNER_CHECK)).eq(0)
    return exp.or_(remainder(_both(cell), organisation_code.MODULUS).neq(0), no_check)


STANDARD = Standard(form=well_formed(_FORM), faults={"check-digit": _wrong_check, "organisation-code": _wrong_within})
