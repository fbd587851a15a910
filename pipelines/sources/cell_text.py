"""Cells of a workbook as text: what the cell holds, in one exact spelling per type."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

#: From here on a spreadsheet's number (a double, shown with 15 digits) can't tell neighbouring whole numbers apart.
EXACT_BELOW = 10**15


@dataclass(frozen=True)
class FormulaError:
    """A cell whose formula gave an error, as the program shows it: `#REF!`."""

    text: str


Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | FormulaError


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing to see."""
    return isinstance(cell, str) and not cell.strip()


def lost_digits(cell: Cell) -> bool:
    """Whether a cell is a number so long that the program which saved it cut its digits."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT_BELOW


def _number(value: float) -> str:
    if abs(value) < EXACT_BELOW and value == int(value):
        return str(int(value))
    return repr(value).removesuffix(".0")


def duration(value: datetime.timedelta) -> str:
    """An ISO 8601 duration in days, hours, minutes and seconds: `P1DT3H`."""
    sign = "-" if value < datetime.timedelta() else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    parts = ((hours, "H"), (minutes, "M"), (f"{seconds}{fraction}" if seconds or fraction else 0, "S"))
    clock = "".join(f"{amount}{unit}" for amount, unit in parts if amount)
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}{'T' + clock if clock else ''}" if days or clock else "PT0S"


def cell_text(cell: Cell) -> str | None:
    """The cell as text; None where it is empty.

    Whole numbers without a decimal point, other numbers in the shortest spelling that reads back the same; dates, times
    and durations by ISO 8601; text as it is.
    """
    match cell:
        case str():
            return cell or None
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case float():
            return _number(cell)
        case datetime.timedelta():
            return duration(cell)
        case FormulaError():
            return cell.text
    return cell.isoformat()
