"""A row below a table's data that its entry cuts off: a total, a note, who filled it in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: A total of all rows; 小计 is one of some rows, and the table doesn't say of which.
_TOTAL = re.compile(r"(?:合|总|共)\s*计\s*[:：]?")


@dataclass(frozen=True)
class Footer:
    """A row below the data that the entry cuts off: its number in the source, and its texts by column."""

    row: int
    cells: Mapping[str, str]

    def under(self, columns: Mapping[str, str]) -> Footer:
        """The same, its cells under the names that `columns` has for theirs."""
        return Footer(self.row, {columns[heading]: cell for heading, cell in self.cells.items()})

    @property
    def is_total(self) -> bool:
        """Whether it is a total of all rows."""
        return any(_TOTAL.fullmatch(cell.strip()) for cell in self.cells.values())
