"""Personal data in the places of a file that are no cells of the table: what it carries along, and how it is named."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from pipelines.sources import ods_hidden, xls_hidden
from pipelines.sources.cell_text import cell_text
from pipelines.sources.file_kind import kind_of
from pipelines.sources.hidden_text import A_HIDDEN_SHEET, HiddenText, letters, sheet_name
from pipelines.sources.xlsx_hidden import hidden_columns, hidden_rows, hidden_texts
from quality.finding import Finding
from quality.masking import hidden
from quality.personal_text import LABELS, kinds_in
from quality.rules.hidden_places import HIDDEN_CELLS, HIDDEN_PERSONAL_DATA


def _sheets(workbook: CalamineWorkbook, read: str) -> Iterator[HiddenText]:
    """The sheets' names, and the cells of hidden ones but for the sheet `read`, which are judged as data."""
    for position, sheet in enumerate(workbook.sheets_metadata):
        yield sheet_name(sheet.name, position + 1)
        if sheet.visible != SheetVisibleEnum.Visible and sheet.name != read:
            cells = workbook.get_sheet_by_index(position).to_python(skip_empty_area=False)
            for row, values in enumerate(cells, start=1):
                for column, value in enumerate(values, start=1):
                    text = cell_text(value)
                    if text:
                        yield HiddenText(text, A_HIDDEN_SHEET, sheet.name, row, letters(column))


def _hidden_texts(file: Path, sheet: str) -> Iterator[HiddenText]:
    yield HiddenText(file.stem, "the file's name")
    kind = kind_of(file)
    if kind == "xlsx":
        with zipfile.ZipFile(file) as archive:
            yield from hidden_texts(archive, sheet)
        return
    with file.open("rb") as stream:
        workbook = CalamineWorkbook.from_filelike(stream)
    yield from _sheets(workbook, sheet)
    if kind == "xls":
        yield from xls_hidden.comments_and_properties(file, workbook.sheet_names)
    else:
        with zipfile.ZipFile(file) as archive:
            yield from ods_hidden.comments_and_properties(archive)


def hidden_personal_data(file: Path, sheet: str) -> Iterator[Finding]:
    """A finding for each text of a workbook that hides and holds personal data; its value is starred out whole.

    Raises:
        UnreadableError: a part of the workbook is broken.
    """
    for found in _hidden_texts(file, sheet):
        kinds = kinds_in(found.text)
        if kinds:
            yield HIDDEN_PERSONAL_DATA.finding(
                sheet=found.sheet,
                row=found.row,
                column=found.column,
                value=hidden(found.text),
                where=found.where,
                kinds="、".join(LABELS[kind] for kind in kinds),
            )


def _rows_and_columns(file: Path, sheet: str) -> tuple[list[int], list[str]]:
    kind = kind_of(file)
    if kind == "xls":
        with file.open("rb") as stream:
            position = CalamineWorkbook.from_filelike(stream).sheet_names.index(sheet)
        return xls_hidden.hidden_rows_and_columns(file, position)
    with zipfile.ZipFile(file) as archive:
        if kind == "ods":
            return ods_hidden.hidden_rows_and_columns(archive, sheet)
        return [*hidden_rows(archive, sheet)], [*hidden_columns(archive, sheet)]


def hidden_cells(file: Path, sheet: str) -> Iterator[Finding]:
    """A finding for each hidden row and column of the sheet that is read."""
    rows, columns = _rows_and_columns(file, sheet)
    for row in rows:
        yield HIDDEN_CELLS.finding(sheet=sheet, row=row, what="row")
    for column in columns:
        yield HIDDEN_CELLS.finding(sheet=sheet, column=column, what="column")
