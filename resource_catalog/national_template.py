"""The catalogue as a workbook with the national template's columns, out and in, without losing anything on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from resource_catalog.catalog import Catalog, load_catalog
from resource_catalog.entry import Entry
from resource_catalog.entry_file import write_entries
from resource_catalog.errors import WorkspaceError
from resource_catalog.template_cells import NO, YES
from resource_catalog.template_columns import (
    CATALOGUE_HEADINGS,
    CATALOGUE_SHEET,
    ITEM_HEADINGS,
    ITEMS_SHEET,
    OPEN_TO_SOCIETY,
    ORDINAL,
    OWN_HEADINGS,
    OWN_SHEET,
    cells_of,
    entry_data,
    heading_of,
    item_rows,
)
from resource_catalog.template_reader import Resource, read_template
from resource_catalog.template_workbook import ImportFault, write_workbook
from resource_catalog.workspace import Workspace, table_schema


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: ids of the entries written and unchanged; with any fault, nothing was written."""

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    faults: tuple[ImportFault, ...] = ()


def export_catalog(catalog: Catalog, path: Path) -> None:
    """Write the catalogue as a workbook of three sheets of text; the same catalogue gives the same bytes.

    信息资源目录 has the national template's columns, 信息项 the fields of the Table Schemas, 补充信息 the keys that the
    template lacks (`template_cells` says how values stand in cells).

    Raises:
        WorkspaceError: an entry is broken and would be missing, a schema is, or a text is longer than a cell can be.
        OutsideError: the disk refuses the file.
    """
    if catalog.broken:
        names = ", ".join(broken.file.name for broken in catalog.broken)
        raise WorkspaceError(f"entries can't be read: {names}", fix="run: opendata catalog check, and mend them first")
    numbered = [(str(number), entry) for number, entry in enumerate(catalog.entries, 1)]
    rows = [{ORDINAL: ordinal, **cells_of(entry)} for ordinal, entry in numbered]
    items = [row for ordinal, entry in numbered for row in _items(catalog.workspace, ordinal, entry)]
    write_workbook(
        path,
        (
            (CATALOGUE_SHEET, CATALOGUE_HEADINGS, [[row[name] for name in CATALOGUE_HEADINGS] for row in rows]),
            (ITEMS_SHEET, ITEM_HEADINGS, items),
            (OWN_SHEET, OWN_HEADINGS, [[row[name] for name in OWN_HEADINGS] for row in rows]),
        ),
    )


def import_catalog(path: Path, workspace: Workspace) -> ImportSummary:
    """Write the entries that a workbook describes, all or, with any fault, none.

    A column that the workbook lacks leaves what the entry says now; an empty cell makes the value absent. Without the
    sheet 补充信息, resources are found by their code. Entries that the workbook doesn't name stay as they are.

    Raises:
        WorkspaceError: the file is no workbook of the catalogue, or agency.yaml can't be read.
        OutsideError: the disk refuses a file; then no entry has changed.
    """
    catalog = load_catalog(workspace)
    template = read_template(path)
    faults = list(template.faults)
    entries: dict[str, Entry] = {}
    for resource in template.resources:
        entry = _entry(catalog, resource, faults)
        if entry is not None and entry.id in entries:
            faults.append(resource.fault("id", f"another row has the id {entry.id}", "give each its own"))
        elif entry is not None:
            entries[entry.id] = entry
    if faults:
        return ImportSummary(faults=tuple(sorted(faults, key=lambda fault: (fault.sheet, fault.row, fault.column))))
    known = {entry.id: entry for entry in catalog.entries}
    written = tuple(entry_id for entry_id in sorted(entries) if entries[entry_id] != known.get(entry_id))
    write_entries({workspace.entry_file(entry_id): entries[entry_id] for entry_id in written})
    return ImportSummary(written, tuple(entry_id for entry_id in sorted(entries) if entry_id not in written))


def _items(workspace: Workspace, ordinal: str, entry: Entry) -> list[tuple[str, ...]]:
    if not workspace.schema_file(entry).exists():
        return []
    return item_rows(ordinal, table_schema(workspace, entry))


def _entry(catalog: Catalog, resource: Resource, faults: list[ImportFault]) -> Entry | None:
    """The entry that a resource's cells make on top of what the catalogue says of it now; None with a fault."""
    known = _known(catalog, resource, faults)
    base = cells_of(known[0]) if len(known) == 1 else {}
    data, unreadable = entry_data({**base, **resource.cells})
    if unreadable:
        faults += [resource.fault(heading, why, "mend the cell") for heading, why in unreadable.items()]
        return None
    try:
        entry = Entry.model_validate(data, strict=True)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            heading = heading_of(details["loc"])
            fix = "fill or mend the cell" if heading in resource.cells else f"add the column {heading} ({OWN_SHEET})"
            faults.append(resource.fault(heading, details["msg"].removeprefix("Value error, "), fix))
        return None
    contradictions = [*_openness_faults(resource, entry), *_item_faults(catalog.workspace, resource, entry)]
    faults += contradictions
    return None if contradictions else entry


def _known(catalog: Catalog, resource: Resource, faults: list[ImportFault]) -> list[Entry]:
    """What the catalogue has of a resource: by its id, or by its code where the workbook knows no ids."""
    entry_id, code = resource.cells.get("id", ""), resource.cells.get("信息资源代码", "")
    broken = [broken.file.name for broken in catalog.broken if broken.id == entry_id]
    if broken:
        message = f"{broken[0]} is there and can't be read, so that it would be lost"
        faults.append(resource.fault("id", message, "mend or delete it: opendata catalog check"))
    matches = [entry for entry in catalog.entries if (entry.id == entry_id if resource.own else entry.code == code)]
    if len(matches) > 1:
        message = f"more than one entry has the code: {', '.join(entry.id for entry in matches)}"
        faults.append(resource.fault("信息资源代码", message, f"say which with an id ({OWN_SHEET})"))
    return matches


def _openness_faults(resource: Resource, entry: Entry) -> Iterator[ImportFault]:
    said = resource.cells.get(OPEN_TO_SOCIETY, "")
    expected = cells_of(entry)[OPEN_TO_SOCIETY]
    meaning = {"1": YES, "0": NO}.get(said, said)  # the national template's own codes
    if said and meaning != expected:
        message = f"{said} contradicts openness {entry.openness.written}, which means {expected}"
        yield resource.fault(OPEN_TO_SOCIETY, message, f"mend one of the two (openness: {OWN_SHEET})")


def _item_faults(workspace: Workspace, resource: Resource, entry: Entry) -> Iterator[ImportFault]:
    """Items are the schema's to say; rows that say otherwise would be lost, and so are refused."""
    if not resource.items:
        return
    expected = [dict(zip(ITEM_HEADINGS, row, strict=True)) for row in _items(workspace, resource.cells[ORDINAL], entry)]
    for position, item in enumerate(resource.items):
        wanted = expected[position] if position < len(expected) else {}
        if {heading: wanted.get(heading) for heading in item.cells} != item.cells:
            yield _item_fault(item.sheet, item.number, workspace, entry)
            return
    if len(expected) != len(resource.items):
        yield _item_fault(resource.items[-1].sheet, resource.items[-1].number, workspace, entry)


def _item_fault(sheet: str, row: int, workspace: Workspace, entry: Entry) -> ImportFault:
    file = workspace.schema_file(entry)
    message = f"the items of {entry.id} are no longer those of {file.name}, which alone says what they are"
    return ImportFault(sheet, row, "信息项名称", message, f"change {file}, or delete the rows of this resource here")
