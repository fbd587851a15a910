"""Industry codes (国民经济行业分类, GB/T 4754): a section's letter and the two to four digits of a division or below.

Judged are the form, and that the section has the division in the edition of the record's date; whether an edition has a
class of three or four digits is not, for no list of them is at hand. Source: standards.md 3.9; the sections of 2011
are our reading, and make that edition's 96 divisions.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from sqlglot import exp

from quality.cells import literal, matches, only_if
from quality.standards.normal_form import well_formed
from quality.standards.standard import Cell, Standard

#: Edition → its sections' first and last divisions.
SECTIONS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "2011": {
        "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
        "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 78),
        "O": (79, 81), "P": (82, 82), "Q": (83, 84), "R": (85, 89), "S": (90, 95), "T": (96, 96),
    },
    "2017": {
        "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
        "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79),
        "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97),
    },
}  # fmt: skip
#: The first days of the two; what was before is not judged.
FIRST_DAYS = {"2011": datetime.date(2011, 11, 1), "2017": datetime.date(2017, 10, 1)}


def _pattern(edition: str) -> str:
    of = {
        section: "|".join(f"{division:02d}" for division in range(first, last + 1))
        for section, (first, last) in SECTIONS[edition].items()
    }
    return "(?:" + "|".join(f"{section}(?:{divisions})" for section, divisions in of.items()) + ")[0-9]{0,2}"


def _not_in(form: exp.Expr, edition: str) -> exp.Expr:
    return exp.not_(matches(form.copy(), _pattern(edition)))


def _from(day: exp.Expr, edition: str) -> exp.Expr:
    return exp.GTE(this=day.copy(), expression=exp.cast(literal(FIRST_DAYS[edition].isoformat()), "DATE"))


def edition_of(cell: Cell) -> exp.Expr:
    """The edition by which a value is judged, as a year; NULL where any will do."""
    if cell.edition:
        return literal(cell.edition)
    if cell.day is None:
        return exp.null()
    return exp.Case().when(_from(cell.day, "2017"), literal("2017")).when(_from(cell.day, "2011"), literal("2011"))


def _wrong_division(cell: Cell) -> exp.Expr:
    if cell.edition:
        return _not_in(cell.form, cell.edition)
    in_none = exp.and_(_not_in(cell.form, "2011"), _not_in(cell.form, "2017"))
    if cell.day is None:
        return in_none
    by_day = exp.Case().when(_from(cell.day, "2017"), _not_in(cell.form, "2017"))
    by_day = by_day.when(_from(cell.day, "2011"), _not_in(cell.form, "2011"))
    return by_day.else_(only_if(cell.day.is_(exp.null()), in_none))


STANDARD = Standard(form=well_formed(r"[A-T][0-9]{2,4}"), faults={"division": _wrong_division})
