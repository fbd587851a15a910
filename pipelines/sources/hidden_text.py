"""A text of a workbook that nobody looks at, and where it hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

A_COMMENT, A_HIDDEN_SHEET, THE_PROPERTIES = "a comment", "a hidden sheet", "the document's properties"
#: A column's format reaches to the sheet's edge; what lies beyond so many is no table's.
_MOST_COLUMNS = 1000


@dataclass(frozen=True)
class HiddenText:
    """A text and where it hides; `column` is a letter, `row` counts from 1."""

    text: str
    where: str
    sheet: str = ""
    row: int | None = None
    column: str = ""


def sheet_name(name: str, position: int) -> HiddenText:
    """The name of a sheet, by its position from 1."""
    return HiddenText(name, f"the name of sheet {position}")


def letters(number: int) -> str:
    """A column's letters by its position from 1: 27 is AA."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def letters_of(first: int, last: int) -> Iterator[str]:
    """The letters of columns from a position to another, both from 1 and included, as far as a table may reach."""
    return map(letters, range(first, min(last, _MOST_COLUMNS) + 1))
