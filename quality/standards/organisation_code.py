"""Organisation codes (组织机构代码, GB 11714-1997): eight characters and a check by weights modulo 11.

Source: standards.md 3.2. C9 = 11 − Σ mod 11, where 10 is X and 11 is 0.
"""

from __future__ import annotations

from sqlglot import exp

from quality.cells import matches, only_if
from quality.standards.characters import (
    LETTERS_AND_DIGITS,
    character_at,
    number,
    piece,
    place_in,
    placed,
    remainder,
    weighed,
)
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

MODULUS = 11
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
#: Check characters by their value.
CHECKS = "0123456789X"
#: A code is printed with a hyphen before its check, and stored without.
_PRINTED = r"[0-9A-Z]{8}-?[0-9X]"


def _sum(form: exp.Expr) -> exp.Expr:
    tables = {
        place: placed({letter: value * weight for value, letter in enumerate(LETTERS_AND_DIGITS)}, MODULUS)
        for place, weight in enumerate(WEIGHTS, start=1)
    }
    return weighed(form, tables)


def check_by_sum(weighted: exp.Expr) -> exp.Expr:
    """The check character that goes with a weighted sum."""
    return character_at(CHECKS, remainder(number(MODULUS) - remainder(weighted, MODULUS), MODULUS))


def wanted(form: exp.Expr) -> exp.Expr:
    """The check character that the first eight ask for."""
    return check_by_sum(_sum(form))


def _wrong_check(cell: Cell) -> exp.Expr:
    # A check's place among CHECKS is one more than its value.
    return remainder(_sum(cell.form) + place_in(CHECKS, piece(cell.form, 9)), MODULUS).neq(1)


def _misspelt(cell: Cell) -> exp.Expr:
    return only_if(cell.text.neq(cell.form), exp.not_(matches(cell.text.copy(), _PRINTED)))


STANDARD = Standard(form=well_formed(r"[0-9A-Z]{8}[0-9X]"), faults={"check-digit": _wrong_check}, misspelt=_misspelt)
