"""Opening a workbook safely: it is what its name says, does not explode, runs nothing, and its sheet is meant."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from pipelines.sources.file_kind import kind_of
from pipelines.sources.ods_survey import refuse_scripts, survey_ods
from pipelines.sources.reading import UnreadableError
from pipelines.sources.workbook_survey import Block, Survey
from pipelines.sources.xls_survey import survey_xls
from pipelines.sources.xlsx_survey import refuse_active_parts, survey_xlsx
from quality.rules import reading as rules
from resource_catalog.entry import Source

#: A workbook unpacks to at most this many bytes, and holds at most this many parts.
LARGEST_UNPACKED = 2 << 30
MOST_PARTS = 10_000
#: A part above `SMALL_PART` bytes that shrank by more than this factor was made to explode (B33 of reliability.md).
HIGHEST_RATIO = 200
SMALL_PART = 32 << 20


@dataclass(frozen=True)
class OpenSheet:
    """A sheet to read, with what calamine does not tell of it."""

    sheet: CalamineSheet
    name: str
    survey: Survey
    merged: Sequence[Block]


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    worst = max(
        (part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > SMALL_PART), default=0
    )
    detail = ""
    if len(parts) > MOST_PARTS:
        detail = f"it has {len(parts)} parts, more than {MOST_PARTS}"
    elif unpacked > LARGEST_UNPACKED:
        detail = f"it would unpack to {unpacked} bytes, more than {LARGEST_UNPACKED}"
    elif worst > HIGHEST_RATIO:
        detail = f"one of its parts would unpack to {worst:.0f} times its size, more than {HIGHEST_RATIO}"
    if detail:
        raise UnreadableError(rules.UNSAFE_ARCHIVE.finding(detail=detail))


def _check_archive(file: Path, kind: str) -> None:
    """Pass an archive that is small enough, whole, and without active parts."""
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_bomb(archive)
            if kind == "xlsx":
                refuse_active_parts(archive)
            else:
                refuse_scripts(archive)
            # Reads every part, so a directory that lies about a size is found out here.
            damaged = archive.testzip()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format=kind, detail=str(error))) from error
    if damaged:
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format=kind, detail=f"its part {damaged} is damaged"))


def _check_kind(file: Path, source: Source) -> str:
    """The format, if the content is of the one that the entry or the file's ending names."""
    if file.stat().st_size == 0:
        raise UnreadableError(rules.EMPTY_FILE.finding())
    declared = source.format or file.suffix.lower().removeprefix(".")
    kind = kind_of(file)
    if kind != declared and not (declared == "xlsm" and kind == "xlsx"):
        looks = f"its content looks like {kind}"
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format=declared or "workbook", detail=looks))
    if kind != "xls":
        _check_archive(file, kind)
    return kind


def _choose_sheet(sheets: Sequence[SheetMetadata], source: Source) -> int:
    """The position, from 0, of the sheet that the entry names."""
    wanted = 1 if source.sheet is None else source.sheet
    found = [
        index
        for index, sheet in enumerate(sheets)
        if wanted in (index + 1, sheet.name) and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    names = ", ".join(sheet.name for sheet in sheets if sheet.typ == SheetTypeEnum.WorkSheet)
    if not found:
        raise UnreadableError(rules.MISSING_SHEET.finding(sheet_name=wanted, sheets=names))
    index = found[0]
    if sheets[index].visible != SheetVisibleEnum.Visible and not source.hidden:
        raise UnreadableError(rules.HIDDEN_SHEET.finding(sheet=sheets[index].name))
    return index


def _survey_xlsx(file: Path, name: str) -> Survey:
    with zipfile.ZipFile(file) as archive:
        return survey_xlsx(archive, name)


def _survey(file: Path, kind: str) -> Callable[[int, str], Survey]:
    """The survey by a sheet's position and name; of XLS and ODS, all of whose sheets calamine builds, made at once."""
    if kind == "xlsx":
        return lambda _index, name: _survey_xlsx(file, name)
    if kind == "xls":
        sheets = survey_xls(file)
        return lambda index, _name: sheets[index]
    with zipfile.ZipFile(file) as archive:
        named = survey_ods(archive)
    return lambda _index, name: named[name]


def _merged_blocks(sheet: CalamineSheet, survey: Survey) -> Sequence[Block]:
    ranges = sheet.merged_cell_ranges
    if ranges is None:
        return survey.merged
    return [(*first, *last) for first, last in ranges]


def _open(file: Path, kind: str, source: Source) -> OpenSheet:
    survey = _survey(file, kind)
    with file.open("rb") as stream:
        workbook = CalamineWorkbook.from_filelike(stream)
    sheets = workbook.sheets_metadata
    if any(sheet.typ in (SheetTypeEnum.MacroSheet, SheetTypeEnum.Vba) for sheet in sheets):
        raise UnreadableError(rules.MACROS.finding(part="a macro sheet"))
    index = _choose_sheet(sheets, source)
    name = sheets[index].name
    surveyed = survey(index, name)
    sheet = workbook.get_sheet_by_index(index)
    return OpenSheet(sheet, name, surveyed, _merged_blocks(sheet, surveyed))


def open_sheet(file: Path, source: Source) -> OpenSheet:
    """The sheet that the entry names, of a workbook that is safe to read.

    Raises:
        UnreadableError: another format, damaged, encrypted, too large, with macros or links, a hidden or missing sheet.
    """
    kind = _check_kind(file, source)
    try:
        return _open(file, kind, source)
    except PasswordError:
        detail = "it is locked with a password"
    except (CalamineError, OSError, zipfile.BadZipFile) as error:
        detail = str(error)
    except (LookupError, ValueError):
        detail = "its parts contradict each other"
    except BaseException as error:
        # A panic of calamine on a damaged file derives from BaseException and can't be imported.
        if type(error).__module__ != "pyo3_runtime":
            raise
        detail = "its structure is damaged"
    raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format=kind, detail=detail))
