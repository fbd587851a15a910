"""A sheet as rows of cells in its own numbering, with merged cells filled and formula errors in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipelines.sources.cell_text import Cell, FormulaError, is_blank
from pipelines.sources.workbook_file import OpenSheet
from pipelines.sources.workbook_survey import Block

Row = tuple[int, list[Cell]]


class _MergedCells:
    """Fills the blank cells of merged blocks with the block's first cell, as rows stream by."""

    def __init__(self, blocks: Sequence[Block], shift: int) -> None:
        self._waiting = sorted(blocks, reverse=True)
        self._shift = shift
        self._active: list[tuple[int, int, int, Cell]] = []  # last row, first column, last column, value

    def fill(self, row: int, cells: list[Cell]) -> None:
        """Fill row `row` (from 0) in place."""
        while self._waiting and self._waiting[-1][0] <= row:
            _, left, bottom, right = self._waiting.pop()
            left, right = max(left - self._shift, 0), min(right - self._shift, len(cells) - 1)
            if left <= right and not is_blank(cells[left]):
                self._active.append((bottom, left, right, cells[left]))
        self._active = [block for block in self._active if block[0] >= row]
        for _, left, right, value in self._active:
            for column in range(left, right + 1):
                if is_blank(cells[column]):
                    cells[column] = value


def _errors_by_row(errors: Mapping[tuple[int, int], str]) -> dict[int, list[tuple[int, str]]]:
    rows: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in errors.items():
        rows.setdefault(row, []).append((column, text))
    return rows


def first_column(opened: OpenSheet) -> int:
    """The position, from 1, of the first column that holds a value or an error."""
    start = opened.sheet.start
    columns = [column for _, column in opened.survey.errors]
    return min([start[1], *columns] if start else columns, default=0) + 1


def _place_errors(cells: list[Cell], errors: Sequence[tuple[int, str]], shift: int) -> None:
    for column, text in errors:
        missing = column - shift - len(cells) + 1
        cells.extend([""] * missing)
        cells[column - shift] = FormulaError(text)


def rows_of(opened: OpenSheet) -> Iterator[Row]:
    """(row number as the sheet shows it, cells from its first used column on); each call begins anew."""
    shift = first_column(opened) - 1
    start = opened.sheet.start
    margin = start[1] - shift if start else 0
    errors = _errors_by_row(opened.survey.errors)
    width = max([0, *(column - shift + 1 for _, column in opened.survey.errors)])
    width = max(width, opened.sheet.width + margin)
    merged = _MergedCells(opened.merged, shift)
    number = 0
    for number, cells in enumerate(opened.sheet.iter_rows(), start=1):
        row: list[Cell] = [*[""] * margin, *cells]
        row.extend([""] * (width - len(row)))
        _place_errors(row, errors.pop(number - 1, ()), shift)
        merged.fill(number - 1, row)
        yield number, row
    for beyond in range(number, max(errors, default=-1) + 1):
        row = [""] * width
        _place_errors(row, errors.get(beyond, ()), shift)
        merged.fill(beyond, row)
        yield beyond + 1, row
