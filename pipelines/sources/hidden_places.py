"""Personal data in the places of a file that are no cells of the table: what it carries along, and how it is named."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from pipelines.sources.file_kind import kind_of
from pipelines.sources.xlsx_hidden import HiddenText, hidden_columns, hidden_rows, hidden_texts
from quality.finding import Finding
from quality.masking import hidden
from quality.personal_text import LABELS, kinds_in
from quality.rules.hidden_places import HIDDEN_CELLS, HIDDEN_PERSONAL_DATA


def _hidden_texts(file: Path, sheet: str) -> Iterator[HiddenText]:
    yield HiddenText(file.stem, "the file's name")
    if kind_of(file) == "xlsx":
        with zipfile.ZipFile(file) as archive:
            yield from hidden_texts(archive, sheet)


def hidden_personal_data(file: Path, sheet: str) -> Iterator[Finding]:
    """A finding for each text of a workbook that hides and holds personal data; its value is starred out whole.

    Of XLS and ODS only the file's name is looked at.

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


def hidden_cells(file: Path, sheet: str) -> Iterator[Finding]:
    """A finding for each hidden row and column of the sheet that is read; of XLSX only."""
    if kind_of(file) != "xlsx":
        return
    with zipfile.ZipFile(file) as archive:
        for row in hidden_rows(archive, sheet):
            yield HIDDEN_CELLS.finding(sheet=sheet, row=row, what="row")
        for letters in hidden_columns(archive, sheet):
            yield HIDDEN_CELLS.finding(sheet=sheet, column=letters, what="column")
