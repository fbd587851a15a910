"""Needs in a file: an XLSX workbook or a CSV under the headings of the 共享需求清单, and the template for it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.shares.need_rows import (
    BASIS,
    BUREAU,
    FREQUENCY,
    ITEMS,
    MODE,
    NOTE,
    PURPOSE,
    RECEIVED,
    RESOURCE,
    ROWS,
    WrittenNeed,
)
from resource_catalog.errors import WorkspaceError
from resource_catalog.template_workbook import (
    ImportFault,
    SheetRow,
    has_headings,
    open_workbook,
    read_sheet,
    write_workbook,
)

SHEET = "共享需求清单"
HEADINGS = (BUREAU, RESOURCE, ITEMS, PURPOSE, BASIS, MODE, FREQUENCY, ROWS, RECEIVED, NOTE)
#: Other words for the same, as lists of needs have them; the first number of a row says nothing.
_SAME = {
    "信息资源代码": RESOURCE,
    "信息资源名称": RESOURCE,
    "所需信息项": ITEMS,
    "履职依据": BASIS,
    "序号": NOTE,
    "需求编号": NOTE,
}
_MARKS = (BUREAU, PURPOSE)
_NUMERIC = ("序号",)
_PARTS = re.compile(r"[；;\n]+")
_ITEMS = re.compile(r"[；;、，,\n]+")
_VALUES = re.compile(r"[、，,]+")
_EXAMPLE = (
    ("说明", "填写说明（本表不读入）"),
    (BUREAU, "必填。登记的部门名称或标识。"),
    (RESOURCE, "必填。信息资源代码、标识或名称；每个部门每项资源一行。"),
    (ITEMS, "所需信息项，以；分隔；空：全部可共享的信息项。"),
    (PURPOSE, "必填。使用数据的用途。"),
    (BASIS, "必填。履行职责的法律依据。"),
    (MODE, "必填。如 数据库、文件下载、接口。"),
    (FREQUENCY, "必填。如 每日、每月、一次性。"),
    (ROWS, "只需部分行的：列=值,值；列=值。空：全部行。"),
    (RECEIVED, "收到需求的日期，YYYY-MM-DD；空：读入之日。"),
    (NOTE, "不读入。"),
)


def write_template(file: Path) -> None:
    """Write the empty workbook that bureaus fill in, with a sheet that says how.

    Raises:
        OutsideError: the disk refuses it.
    """
    write_workbook(file, ((SHEET, HEADINGS, ()), ("填写说明", _EXAMPLE[0], _EXAMPLE[1:])))


def read_needs(file: Path) -> tuple[list[tuple[SheetRow, WrittenNeed]], list[ImportFault]]:
    """The rows of a file, each with the need that it writes, and what can't be read in it.

    Raises:
        WorkspaceError: it is no such file, or has no sheet with the headings.
    """
    rows, faults = _csv_rows(file) if file.suffix.lower() == ".csv" else _workbook_rows(file)
    found = []
    for row in rows:
        try:
            found.append((row, _written(row)))
        except ValueError as error:
            faults.append(ImportFault(row.sheet, row.number, ROWS, str(error), "write 列=值,值；列=值"))
    return found, faults


def _workbook_rows(file: Path) -> tuple[list[SheetRow], list[ImportFault]]:
    sheets = [sheet for sheet in open_workbook(file).values() if has_headings(sheet, _MARKS)]
    if len(sheets) != 1:
        what = f"{'no' if not sheets else 'more than one'} sheet has the headings {', '.join(_MARKS)}"
        raise WorkspaceError(what, where=str(file), fix="start from `opendata need template FILE.xlsx`")
    read = read_sheet(sheets[0], known=(*HEADINGS, *_SAME), marks=_MARKS, numeric=_NUMERIC)
    return list(read.rows), list(read.faults)


def _csv_rows(file: Path) -> tuple[list[SheetRow], list[ImportFault]]:
    lines = list(csv.reader(_text(file).splitlines(keepends=True)))
    top = next((number for number, line in enumerate(lines) if set(_MARKS) <= {cell.strip() for cell in line}), None)
    if top is None:
        what = f"no row has the headings {', '.join(_MARKS)}"
        raise WorkspaceError(what, where=str(file), fix="start from `opendata need template FILE.xlsx`")
    headings = [cell.strip() for cell in lines[top]]
    faults = list(_heading_faults(file.name, top + 1, headings))
    rows = []
    for number, line in enumerate(lines[top + 1 :], top + 2):
        cells = dict(zip(headings, line, strict=False))
        if any(cell.strip() for cell in line[len(headings) :]):
            faults.append(
                ImportFault(file.name, number, "", "the row has more cells than headings", "quote its commas")
            )
        if any(cell.strip() for cell in cells.values()):
            rows.append(SheetRow(file.name, number, cells))
    return rows, faults


def _text(file: Path) -> str:
    """A CSV's text: UTF-8, or else GB18030, as spreadsheets write it in China."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WorkspaceError(
            f"the file can't be read: {error.strerror}", where=str(file), fix="name another"
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WorkspaceError("neither UTF-8 nor GB18030", where=str(file), fix="save it as CSV in UTF-8")


def _heading_faults(sheet: str, row: int, headings: list[str]) -> Iterator[ImportFault]:
    for position, heading in enumerate(headings):
        if heading and heading not in HEADINGS and heading not in _SAME:
            yield ImportFault(sheet, row, heading, "unknown column", f"delete it; known here: {', '.join(HEADINGS)}")
        if heading and heading in headings[:position]:
            yield ImportFault(sheet, row, heading, "the column is there twice", "keep one of the two")


def _written(row: SheetRow) -> WrittenNeed:
    texts: dict[str, str] = {}
    for heading, cell in row.cells.items():
        name = _SAME.get(heading, heading)
        texts[name] = texts.get(name, "").strip() or cell.strip()
    return WrittenNeed(texts, _split(_ITEMS, texts.get(ITEMS, "")), read_conditions(texts.get(ROWS, "")))


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    return [part.strip() for part in pattern.split(text) if part.strip()]


def read_conditions(text: str) -> dict[str, tuple[str, ...]]:
    """The rows that a text chooses: 列=值,值；列=值.

    Raises:
        ValueError: a part of it has no column, no value, or a column that stands there twice.
    """
    return conditions_of(_split(_PARTS, text))


def conditions_of(parts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The same of parts that were split already, each 列=值,值.

    Raises:
        ValueError: as of `read_conditions`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        column, sign, values = part.replace("＝", "=").partition("=")
        chosen = tuple(_split(_VALUES, values))
        if not (sign and column.strip() and chosen):
            raise ValueError(f"{part!r} is not 列=值,值")
        if column.strip() in found:
            raise ValueError(f"{column.strip()} stands there twice")
        found[column.strip()] = chosen
    return found
