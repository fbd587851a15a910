"""Bank card numbers (银行卡号, ISO/IEC 7812-1): 13 to 19 digits, the last a check by Luhn's algorithm.

Source: standards.md 3.6. A column that is said to hold card numbers needs no prefix to know them by.
"""

from __future__ import annotations

from sqlglot import exp

from quality.cells import literal
from quality.standards.characters import as_number, number, piece, remainder, step_of, total
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

#: A number is read as two halves of five pairs of digits.
_HALF = 10
#: What a pair adds: its first digit is doubled, and the digits of what that makes are added.
_PAIRS = tuple(sum(divmod(2 * (pair // 10), 10)) + pair % 10 for pair in range(100))


def _wrong_check(cell: Cell) -> exp.Expr:
    padded = exp.Anonymous(this="lpad", expressions=[cell.form, number(2 * _HALF), literal("0")])
    halves = [as_number(piece(padded, start, _HALF)) for start in (1, 1 + _HALF)]
    pairs = [remainder(half // number(100**power), 100) for half in halves for power in range(_HALF // 2)]
    return remainder(total([step_of(_PAIRS, pair) for pair in pairs]), 10).neq(0)


STANDARD = Standard(form=well_formed(r"[0-9]{13,19}"), faults={"check-digit": _wrong_check})
