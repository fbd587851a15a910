"""Bank card numbers (银行卡号, ISO/IEC 7812-1): 13 to 19 digits, the last a check by Luhn's algorithm.

Source: standards.md 3.6. A column that is said to hold card numbers needs no prefix to know them by.
"""

from __future__ import annotations

from sqlglot import exp

from quality.cells import literal
from quality.standards.characters import DIGITS, number, placed, remainder, weighed
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

_LONGEST = 19
#: Every other digit is doubled, and the digits of what it makes are added.
_DOUBLED = tuple(sum(divmod(2 * digit, 10)) for digit in range(10))


def _wrong_check(cell: Cell) -> exp.Expr:
    padded = exp.Anonymous(this="lpad", expressions=[cell.form, number(_LONGEST), literal("0")])
    plain = placed({digit: int(digit) for digit in DIGITS}, 10)
    doubled = placed({digit: _DOUBLED[int(digit)] for digit in DIGITS}, 10)
    tables = {place: plain if (_LONGEST - place) % 2 == 0 else doubled for place in range(1, _LONGEST + 1)}
    return remainder(weighed(padded, tables), 10).neq(0)


STANDARD = Standard(form=well_formed(r"[0-9]{13,19}"), faults={"check-digit": _wrong_check})
