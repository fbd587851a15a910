"""Workbooks that sections filled in and sent back: their answers, or what is wrong with them and where."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from pipelines.reporting.section_workbooks.layout import (
    ANSWER,
    LINES_MARK,
    NOTE,
    NUMBER,
    OVERVIEW,
    read_workbook_mark,
)
from pipelines.reporting.section_workbooks.worklist import Answer, AnsweredLine, read_identity
from resource_catalog.errors import UsageError

#: Columns that are read: ours stand first, and a section may have put some of its own between them.
_WIDEST = 20
_PUT_BACK = "take the file out of the folder, or ask the section for the workbook that was sent, filled in"


@dataclass(frozen=True)
class Returned:
    """A workbook as it came back: every line that it lists, answered or not."""

    file: Path
    section: str
    lines: tuple[AnsweredLine, ...]

    @property
    def answered(self) -> bool:
        """Whether the section wrote anything to any line."""
        return any(line.answer or line.note for line in self.lines)

    def of(self, dataset: str) -> tuple[AnsweredLine, ...]:
        """Its lines about one dataset."""
        return tuple(line for line in self.lines if line.dataset == dataset)


def read_returned(folder: Path) -> list[Returned]:
    """The workbooks that lie in the folder, not in folders below it; none where there is no folder.

    Raises:
        UsageError: a file is no workbook of ours, or its lines were changed; file, sheet and row are named.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is no folder", where=str(folder), fix="name a folder with --workbook")
    files = sorted(file for file in folder.glob("*.xlsx") if not file.name.startswith((".", "~$")))
    found = [_read(file) for file in files]
    sections: dict[str, Path] = {}
    for one in found:
        if one.section in sections:
            what = f"it is of the section {one.section!r}, and so is {sections[one.section].name}"
            raise UsageError(what, where=str(one.file), fix="leave the one that has the answers in the folder")
        sections[one.section] = one.file
    return found


def _read(file: Path) -> Returned:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # extensions that openpyxl drops concern looks, not cells
            workbook = openpyxl.load_workbook(file, read_only=True)
        with closing(workbook):
            sheets = {
                sheet.title: [tuple(row) for row in sheet.iter_rows(max_col=_WIDEST, values_only=True)]
                for sheet in workbook
            }
    except (OSError, zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, ParseError) as error:
        raise UsageError(f"no XLSX workbook: {error}", where=str(file), fix=_PUT_BACK) from error
    section, datasets = _whose(file, sheets)
    lines = tuple(line for name, rows in sheets.items() for line in _lines(file, name, rows))
    _check_lines(file, lines, datasets, sheets)
    return Returned(file, section, lines)


def _whose(file: Path, sheets: dict[str, list[tuple[Any, ...]]]) -> tuple[str, tuple[str, ...]]:
    for rows in sheets.values():
        mark = read_workbook_mark(str(rows[0][0])) if rows and rows[0] else None
        if mark:
            return mark
    what = f"this is no workbook that `check --workbook` wrote, or its sheet {OVERVIEW} is gone"
    raise UsageError(what, where=str(file), fix=_PUT_BACK)


def _check_lines(
    file: Path, lines: tuple[AnsweredLine, ...], datasets: tuple[str, ...], sheets: dict[str, list[tuple[Any, ...]]]
) -> None:
    listed = {str(row[0]).removeprefix(f"{LINES_MARK} ") for rows in sheets.values() for row in rows if row and row[0]}
    missing = [dataset for dataset in datasets if dataset not in listed]
    if missing:
        raise UsageError(f"the sheet of {missing[0]} is missing", where=str(file), fix=_PUT_BACK)
    places: dict[tuple[str, str], str] = {}
    for line in lines:
        first = places.setdefault((line.dataset, line.key), line.place)
        if first != line.place:
            what = f"the line stands twice, first at {first}"
            raise UsageError(what, where=line.place, fix="delete the copy, and keep the line that has the answer")


def _lines(file: Path, sheet: str, rows: list[tuple[Any, ...]]) -> Iterator[AnsweredLine]:
    """The lines below a row of headings that is marked as ours; a sheet without one has none."""
    columns: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        place = f"{file.name} › {sheet} › row {number}"
        first = str(row[0] or "") if row else ""
        if first.startswith(LINES_MARK):
            columns = _columns(row, place)
        elif columns and any(cell is not None for cell in row):
            yield _line(row, columns, place)


def _columns(row: tuple[Any, ...], place: str) -> dict[str, int]:
    """Where the headings stand; the source's own columns may be called alike, and stand behind ours."""
    columns: dict[str, int] = {}
    for position, heading in enumerate(row):
        columns.setdefault(str(heading), position)
    for wanted in (ANSWER, NOTE):
        if wanted not in columns:
            raise UsageError(f"the column {wanted} is missing", where=place, fix=_PUT_BACK)
    return columns


def _text(row: tuple[Any, ...], position: int | None) -> str:
    cell = row[position] if position is not None and position < len(row) else None
    return "" if cell is None else str(cell).strip()


def _line(row: tuple[Any, ...], columns: dict[str, int], place: str) -> AnsweredLine:
    known = read_identity(_text(row, 0))
    if known is None:
        what = "the hidden identity in the first column is missing or was changed"
        raise UsageError(what, where=place, fix=f"write nothing below or beside the lines; or {_PUT_BACK}")
    said, number = _text(row, columns[ANSWER]), _text(row, columns.get(NUMBER))
    if said and said not in set(Answer):
        what = f"{ANSWER} is none of {'、'.join(Answer)}"
        raise UsageError(what, where=place, fix=f"choose one of them, and write the rest under {NOTE}")
    return AnsweredLine(
        dataset=known[0],
        key=known[1],
        marks=known[2],
        number=int(number) if number.isascii() and number.isdigit() else None,
        answer=Answer(said) if said else None,
        note=_text(row, columns[NOTE]),
        place=place,
    )
