"""A section's workbook as a file: an overview, and a sheet per dataset with its bad rows as the source has them.

Rows are streamed from the work database into the file, so that memory does not grow with them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from pipelines.handover import Inspection
from pipelines.reporting.section_workbooks.cells import CellWriter, Look, cut
from pipelines.reporting.section_workbooks.layout import LINE_HEADINGS, LINES_MARK
from pipelines.reporting.section_workbooks.rows import bad_columns, bad_rows, headings_of
from pipelines.reporting.section_workbooks.worklist import Answer, Carried, Fault, Line, described
from quality.finding import Severity

#: Most rows of one sheet, beside those that were answered before; and of one workbook.
MOST_ROWS, MOST_ROWS_OF_ALL = 10_000, 50_000
#: Most comments of one sheet: they stay in memory, and a spreadsheet program slows down with them.
MOST_COMMENTS = 1_000
#: Most columns of the source that are shown.
MOST_COLUMNS = 1_000
_LONGEST_TEXT = 8_000
_WIDTHS = {"A": 4, "B": 18, "C": 9, "D": 46, "E": 18, "F": 30, "G": 30}
_SOURCE_WIDTH = 18


@dataclass(frozen=True)
class Assignment:
    """What a section is asked to mend in one dataset.

    `rows` counts all of its bad rows; `elsewhere` are faults of no row; `carried` is by a line's place.
    """

    dataset: str
    title: str
    inspection: Inspection | None
    rows: int
    elsewhere: tuple[Line, ...]
    carried: Mapping[int | str, Carried]


@dataclass(frozen=True)
class Covering:
    """What a workbook says of itself: whose it is, of which agency and day, and by when it is to come back."""

    section: str
    agency: str
    day: datetime.date
    due: datetime.date | None = None


def most_rows(assignments: Sequence[Assignment]) -> int:
    """Most rows of each sheet, so that a workbook of many datasets stays usable."""
    sheets = sum(bool(one.rows) for one in assignments)
    return max(1, min(MOST_ROWS, MOST_ROWS_OF_ALL // max(1, sheets)))


def new_sheet(workbook: Any, name: str) -> Any:
    """A sheet in which only the answers can be written, without a password, so that no line is changed by a slip."""
    sheet = workbook.create_sheet(name)
    sheet.protection.sheet = True
    for allowed in ("autoFilter", "sort", "formatColumns", "formatRows", "formatCells"):
        setattr(sheet.protection, allowed, False)
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.column_dimensions["A"].hidden = True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def offer_answers(sheet: Any, first: int, last: int) -> None:
    """Let the answers of these rows be chosen from a list."""
    choices = DataValidation("list", formula1=f'"{",".join(Answer)}"', allow_blank=True, showErrorMessage=True)
    choices.error = f"请从下拉列表中选择：{'、'.join(Answer)}"
    choices.add(f"E{first}:E{last}")
    sheet.data_validations.append(choices)


def answer_cells(writer: CellWriter, said: Carried | None) -> list[Any]:
    """The two cells of the answer, and what was answered before."""
    answer, note, before = (said.answer or "", said.note, said.before) if said else ("", "", "")
    return [writer.cell(answer, Look.ANSWER), writer.cell(note, Look.ANSWER), writer.cell(before)]


def fill_sheet(workbook: Any, name: str, assignment: Assignment, limit: int) -> int:
    """Write the sheet of a dataset's bad rows; how many it lists.

    Args:
        workbook: An openpyxl workbook that is written only.
        name: The sheet's name.
        assignment: A dataset with bad rows.
        limit: Most rows; rows that were answered before are listed beyond it, too.
    """
    inspection = assignment.inspection
    if inspection is None:
        return 0
    sheet = new_sheet(workbook, name)
    headings = headings_of(inspection)[:MOST_COLUMNS]
    for position in range(len(LINE_HEADINGS) + 2, len(LINE_HEADINGS) + 2 + len(headings)):
        sheet.column_dimensions[get_column_letter(position)].width = _SOURCE_WIDTH
    sheet.freeze_panes = "D3"
    writer = CellWriter(sheet)
    sheet.append([writer.cell(""), writer.cell(_title(assignment, limit, len(headings)), Look.TITLE)])
    sheet.append(writer.row(f"{LINES_MARK} {assignment.dataset}", *LINE_HEADINGS, *headings, look=Look.HEADING))
    listed = _fill_rows(sheet, writer, inspection, _listed(assignment, limit), assignment.carried)
    sheet.auto_filter.ref = f"B2:{get_column_letter(len(LINE_HEADINGS) + 1 + len(headings))}{2 + listed}"
    offer_answers(sheet, 3, 2 + listed)
    return listed


def _title(assignment: Assignment, limit: int, columns: int) -> str:
    said = f"{assignment.title}（{assignment.dataset}）：共 {assignment.rows:,} 行有问题"
    if assignment.rows > limit:
        said += (
            f"，本表先列 {limit:,} 行（上次已填报的行一并列出），"
            f"其余约 {assignment.rows - limit:,} 行未列出，改正后复查时再列"
        )
    if assignment.inspection and len(assignment.inspection.extract.headings) > columns:
        said += f"；来源共 {len(assignment.inspection.extract.headings):,} 列，仅列前 {columns:,} 列"
    return said


def _listed(assignment: Assignment, limit: int) -> Iterator[Line]:
    """The first rows up to the limit, and those beyond it that were answered before."""
    if assignment.inspection is None:
        return
    left, answered = limit, {place for place in assignment.carried if isinstance(place, int)}
    for line in bad_rows(assignment.inspection, {said.looks for said in assignment.carried.values()}):
        if left > 0 or line.place in answered:
            left -= 1
            yield line
        answered.discard(line.number or 0)
        if left <= 0 and not answered:
            return


def _fill_rows(
    sheet: Any, writer: CellWriter, inspection: Inspection, lines: Iterable[Line], carried: Mapping[int | str, Carried]
) -> int:
    origin, listed, comments = inspection.extract.origin, 0, 0
    source = f"{origin.file} › {origin.sheet}" if origin.sheet else origin.file
    for line in lines:
        listed += 1
        bad = bad_columns(inspection, line)
        row = writer.row(line.identity, source, str(line.number), described(line.faults, _LONGEST_TEXT))
        row += answer_cells(writer, carried.get(line.place))
        for position, cell in enumerate(line.cells[:MOST_COLUMNS]):
            faults = bad.get(position, [])
            comments += bool(faults)
            said = described(faults, _LONGEST_TEXT) if comments <= MOST_COMMENTS else ""
            row.append(writer.cell(cell or "", _look(faults), said))
        sheet.append(row)
    return listed


def _look(faults: Sequence[Fault]) -> Look:
    if not faults:
        return Look.PLAIN
    return Look.MUST if any(fault.rule.severity is Severity.MUST for fault in faults) else Look.SHOULD


def short(text: str) -> str:
    """A text of the overview, which shows a fault and does not reproduce the data."""
    return cut(text, 1_000)
