"""Where everything of a sheet stands: title rows, headings of one or two levels, data, merged runs, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.stream import Cell, Row, Sheet

Cells = Sequence[Cell]


@dataclass(frozen=True)
class Span:
    """A text over a block of cells; rows and columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


@dataclass
class SheetPlan:
    """What stands above the data, and the numbered rows; `merged` is filled while the rows are taken."""

    heading: list[Span]
    rows: Iterator[tuple[int, Cells]]
    merged: list[Span]


def plan_sheet(part: Part) -> SheetPlan:
    """The plan of one stream's sheet."""
    form = part.form
    assert isinstance(form, Sheet)  # noqa: S101 - only sheets are planned
    last = len(part.names) - 1
    heading = [Span(row, 0, row, last, text) for row, text in enumerate(filter(None, (form.title, form.subtitle)))]
    top = len(heading)
    heading += (
        _two_levels(part, form, top)
        if form.groups
        else [Span(top, column, top, column, title) for column, title in enumerate(part.titles)]
    )
    merged: list[Span] = []
    first = top + (2 if form.groups else 1)
    return SheetPlan(heading, _rows(part, form, first, merged), merged)


def _two_levels(part: Part, form: Sheet, top: int) -> list[Span]:
    spans = []
    for left, right, group in _runs([form.groups.get(name, "") for name in part.names]):
        if group:
            spans.append(Span(top, left, top, right, group))
            spans += [Span(top + 1, column, top + 1, column, part.titles[column]) for column in range(left, right + 1)]
        else:
            spans += [Span(top, column, top + 1, column, part.titles[column]) for column in range(left, right + 1)]
    return spans


def _runs(values: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first, last, value) of each run of equal neighbours."""
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield start, at - 1, values[start]
            start = at


def _rows(part: Part, form: Sheet, first: int, merged: list[Span]) -> Iterator[tuple[int, Cells]]:
    last = first - 1
    runs = _MergedRuns(part, form, merged)
    for last, row in enumerate(part.rows, start=first):  # noqa: B007 - the last row's number is needed below
        yield last, runs.blanked(last, row)
    runs.close(last)
    for below, note in enumerate(form.notes, start=1):
        yield last + below, [note]


class _MergedRuns:
    """Blanks the repeated cells of a run, and notes the block that they are merged into."""

    def __init__(self, part: Part, form: Sheet, merged: list[Span]) -> None:
        self._columns = [part.names.index(name) for name in form.merged]
        self._merged = merged
        self._started: dict[int, tuple[int, Cell]] = {}

    def blanked(self, number: int, row: Row) -> Cells:
        """The row without what the row above has just the same."""
        cells = list(row)
        new_run = False
        for column in self._columns:
            start = self._started.get(column)
            new_run = new_run or start is None or start[1] != row[column]
            if new_run:
                self._end(column, number - 1)
                self._started[column] = (number, row[column])
            else:
                cells[column] = None
        return cells

    def close(self, number: int) -> None:
        """End all runs with the last row."""
        for column in self._columns:
            self._end(column, number)

    def _end(self, column: int, last: int) -> None:
        first, cell = self._started.pop(column, (last, None))
        if last > first:
            self._merged.append(Span(first, column, last, column, written(cell)))
