"""Division codes (行政区划代码, GB/T 2260): six digits, and with GB/T 10114 nine or twelve.

Which codes there were on a day is a code list's to say (`codeList`, `codeListDate`); a field without one is judged by
form and by the province alone, whose codes never meant anything else. Source: standards.md 3.8; the provinces are those
of all 82 revisions from 1980 to 2019, and those of Hong Kong, Macao and Taiwan.
"""

from __future__ import annotations

from sqlglot import exp

from quality.cells import matches
from quality.standards.characters import piece
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

_PROVINCES = r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]"


def _no_province(cell: Cell) -> exp.Expr:
    return exp.not_(matches(piece(cell.form, 1, 2), _PROVINCES))


STANDARD = Standard(form=well_formed(r"[0-9]{6}(?:[0-9]{3}){0,2}"), faults={"province": _no_province})
