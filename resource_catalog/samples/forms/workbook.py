"""Workbooks as officers keep them: a title above, headings of one or two rows, merged cells, notes below."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.forms.sheet_plan import Span, plan_sheet
from resource_catalog.samples.stream import Cell, Sheet


def write_workbook(file: Path, parts: Sequence[Part]) -> None:
    """Write every stream of the file as a sheet of its own."""
    with xlsxwriter.Workbook(file) as workbook:
        workbook.set_properties({"created": parts[0].created})
        formats = {
            "heading": workbook.add_format({"bold": True, "align": "center", "valign": "vcenter"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for part in parts:
            assert isinstance(part.form, Sheet)  # noqa: S101 - the table of writers pairs them
            _write_sheet(workbook.add_worksheet(part.form.sheet), part, formats)


def _write_sheet(sheet: Worksheet, part: Part, formats: dict[str, Format]) -> None:
    plan = plan_sheet(part)
    for span in plan.heading:
        _write_span(sheet, span, formats["heading"])
    for row, cells in plan.rows:
        for column, cell in enumerate(cells):
            _write_cell(sheet, row, column, cell, formats)
    for span in plan.merged:
        _write_span(sheet, span, None)


def _write_span(sheet: Worksheet, span: Span, format: Format | None) -> None:
    if (span.top, span.left) == (span.bottom, span.right):
        sheet.write_string(span.top, span.left, span.text, format)
    else:
        sheet.merge_range(span.top, span.left, span.bottom, span.right, span.text, format)


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, formats: dict[str, Format]) -> None:
    if isinstance(cell, datetime.date):
        kind = "moment" if isinstance(cell, datetime.datetime) else "date"
        sheet.write_datetime(row, column, cell, formats[kind])
    elif isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    elif cell is not None:
        sheet.write_string(row, column, written(cell))
