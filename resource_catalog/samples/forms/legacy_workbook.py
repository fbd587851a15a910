"""Legacy workbooks (.xls, BIFF8), as offices still send them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import xlwt

from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.forms.sheet_plan import Span, plan_sheet
from resource_catalog.samples.stream import Cell, Sheet

_DATE = xlwt.easyxf(num_format_str="yyyy-mm-dd")
_MOMENT = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
_HEADING = xlwt.easyxf("font: bold on; align: horiz center, vert center")
_PLAIN = xlwt.easyxf()


def write_legacy_workbook(file: Path, parts: Sequence[Part]) -> None:
    """Write every stream of the file as a sheet of its own; a sheet holds 65,536 rows."""
    workbook = xlwt.Workbook(encoding="utf-8")
    for part in parts:
        assert isinstance(part.form, Sheet)  # noqa: S101 - the table of writers pairs them
        _write_sheet(workbook.add_sheet(part.form.sheet), part)
    workbook.save(str(file))


def _write_sheet(sheet: xlwt.Worksheet, part: Part) -> None:
    plan = plan_sheet(part)
    for span in plan.heading:
        _write_span(sheet, span, _HEADING)
    for row, cells in plan.rows:
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(row, column, *_value(cell))
    for span in plan.merged:
        sheet.merge(span.top, span.bottom, span.left, span.right)


def _write_span(sheet: xlwt.Worksheet, span: Span, style: xlwt.XFStyle) -> None:
    if (span.top, span.left) == (span.bottom, span.right):
        sheet.write(span.top, span.left, span.text, style)
    else:
        sheet.write_merge(span.top, span.bottom, span.left, span.right, span.text, style)


def _value(cell: Cell) -> tuple[object, xlwt.XFStyle]:
    if isinstance(cell, datetime.datetime):
        return cell, _MOMENT
    if isinstance(cell, datetime.date):
        return cell, _DATE
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return cell, _PLAIN
    return written(cell), _PLAIN
