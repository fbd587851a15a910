"""What a writer gets: one stream's headings, types and rows, ready to be written."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resource_catalog.samples.stream import Cell, Form, Row

#: How officers write a truth value.
YES, NO = "是", "否"


@dataclass(frozen=True)
class Part:
    """One stream's part of a file: per column its field's name, title and Table Schema type; the rows."""

    form: Form
    names: Sequence[str]
    titles: Sequence[str]
    types: Sequence[str]
    rows: Iterator[Row]

    @property
    def created(self) -> datetime.datetime:
        """The moment that files carry as that of their making, or their bytes would tell when they were written."""
        return datetime.datetime(2018, 2, 28)


def written(cell: Cell, dates: str = "%Y-%m-%d") -> str:
    """A cell as text: ISO for moments, 是/否 for truth, nothing for None."""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat()
    if isinstance(cell, datetime.date):
        return cell.strftime(dates)
    if isinstance(cell, bool):
        return YES if cell else NO
    return "" if cell is None else str(cell)
