"""Reads the catalogue workbook: finds its sheets, and joins the rows that speak of one resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl.worksheet.worksheet import Worksheet

from resource_catalog.errors import WorkspaceError
from resource_catalog.template_columns import (
    CATALOGUE_HEADINGS,
    CATALOGUE_SHEET,
    ITEM_HEADINGS,
    ITEMS_SHEET,
    NUMERIC_HEADINGS,
    ORDINAL,
    OWN_HEADINGS,
    OWN_SHEET,
)
from resource_catalog.template_workbook import ImportFault, ReadSheet, SheetRow, has_headings, open_workbook, read_sheet

#: What makes a sheet one of the catalogue.
_CATALOGUE_MARKS = ("信息资源名称", "信息资源代码")


@dataclass(frozen=True)
class Resource:
    """What the workbook says of one resource: its row of the catalogue sheet, its row of own keys, its items."""

    national: SheetRow
    own: SheetRow | None
    items: tuple[SheetRow, ...]

    @property
    def cells(self) -> dict[str, str]:
        """All cells by heading; a heading that no sheet has is absent."""
        return {**self.national.cells, **(self.own.cells if self.own else {})}

    def fault(self, column: str, message: str, fix: str) -> ImportFault:
        """A fault at the place of a column, be it in the one sheet or the other."""
        own = self.own if self.own and (column in OWN_HEADINGS and column != ORDINAL) else None
        row = own or self.national
        return ImportFault(row.sheet, row.number, column, message, fix)


@dataclass(frozen=True)
class Template:
    """The resources of a workbook in the order of its catalogue sheet, and what can't be read in it."""

    resources: tuple[Resource, ...]
    faults: tuple[ImportFault, ...]


def read_template(path: Path) -> Template:
    """The resources that a workbook describes. Sheets that are none of the catalogue's (notes) are not read.

    Raises:
        WorkspaceError: no workbook, or no sheet or more than one with the headings of the catalogue.
    """
    sheets = open_workbook(path)
    national = read_sheet(
        _catalogue_sheet(path, sheets), known=CATALOGUE_HEADINGS, marks=_CATALOGUE_MARKS, numeric=NUMERIC_HEADINGS
    )
    own = _optional(sheets, OWN_SHEET, OWN_HEADINGS, "id")
    items = _optional(sheets, ITEMS_SHEET, ITEM_HEADINGS, "信息项名称")
    faults = [*national.faults, *(own.faults if own else ()), *(items.faults if items else ())]
    own_rows = _by_ordinal(own.rows, faults) if own else {}
    if own or items:
        known = _by_ordinal(national.rows, faults)
        faults += _strays([*(own.rows if own else ()), *(items.rows if items else ())], known)
    item_rows = items.rows if items else ()
    resources = [_resource(row, own_rows, item_rows) for row in national.rows]
    if own:
        faults += _lonely(resources)
    return Template(tuple(resources), tuple(faults))


def _catalogue_sheet(path: Path, sheets: dict[str, Worksheet]) -> Worksheet:
    candidates = [sheet for sheet in sheets.values() if has_headings(sheet, _CATALOGUE_MARKS)]
    if len(candidates) == 1:
        return candidates[0]
    wanted = " and ".join(_CATALOGUE_MARKS)
    found = ", ".join(sheet.title for sheet in candidates) or "none"
    fix = f"keep one such sheet, as {CATALOGUE_SHEET} of an exported workbook"
    raise WorkspaceError(f"not one sheet has the headings {wanted}, but: {found}", where=str(path), fix=fix)


def _optional(sheets: dict[str, Worksheet], name: str, known: tuple[str, ...], mark: str) -> ReadSheet | None:
    if name not in sheets:
        return None
    return read_sheet(sheets[name], known=known, marks=(ORDINAL, mark), numeric=NUMERIC_HEADINGS)


def _by_ordinal(rows: tuple[SheetRow, ...], faults: list[ImportFault]) -> dict[str, SheetRow]:
    """The rows by ordinal; a row without one, or with another's, is a fault."""
    found: dict[str, SheetRow] = {}
    for row in rows:
        ordinal = row.cells.get(ORDINAL, "")
        if not ordinal:
            faults.append(ImportFault(row.sheet, row.number, ORDINAL, "the row has no number", "give it its own"))
        elif ordinal in found:
            message = f"row {found[ordinal].number} has the number {ordinal}, too"
            faults.append(ImportFault(row.sheet, row.number, ORDINAL, message, "give each its own"))
        else:
            found[ordinal] = row
    return found


def _strays(rows: list[SheetRow], known: dict[str, SheetRow]) -> Iterator[ImportFault]:
    for row in rows:
        ordinal = row.cells.get(ORDINAL, "")
        if ordinal not in known:
            message = f"no row of {CATALOGUE_SHEET} has the number {ordinal or '(none)'}"
            yield ImportFault(row.sheet, row.number, ORDINAL, message, "mend the number, or delete the row")


def _lonely(resources: list[Resource]) -> Iterator[ImportFault]:
    for resource in resources:
        if resource.own is None and resource.national.cells.get(ORDINAL):
            message = f"no row of {OWN_SHEET} has this number"
            yield resource.fault(ORDINAL, message, f"add a row there, with id and owner at least ({OWN_SHEET})")


def _resource(row: SheetRow, own: dict[str, SheetRow], items: tuple[SheetRow, ...]) -> Resource:
    ordinal = row.cells.get(ORDINAL, "")
    mine = tuple(item for item in items if ordinal and item.cells.get(ORDINAL) == ordinal)
    return Resource(row, own.get(ordinal), mine)
