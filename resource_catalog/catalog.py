"""The whole catalogue of a workspace: read so that one faulty entry harms no other, and checked against itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resource_catalog.agency import Agency
from resource_catalog.catalog_rules import CATALOG_RULES, ENTRY_RULES, NATIONAL_RULES
from resource_catalog.catalog_values import BrokenEntry, Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.fault_rules import ENTRY_BROKEN
from resource_catalog.workspace import Workspace
from resource_catalog.yaml_document import YamlDocument, YamlFault, YamlFaults
from resource_catalog.yaml_file import load_yaml, validate

__all__ = ["BrokenEntry", "Catalog", "CatalogFault", "check_catalog", "load_agency", "load_catalog"]


@dataclass(frozen=True)
class _Read:
    """One entry file: what of it could be read, and the faults that keep it from being an entry."""

    file: Path
    document: YamlDocument | None
    entry: Entry | None
    faults: tuple[YamlFault, ...]

    def said(self, key: str) -> str:
        value = self.document.value.get(key) if self.document and isinstance(self.document.value, dict) else None
        return value if isinstance(value, str) else ""


def load_agency(workspace: Workspace) -> Agency:
    """The agency of a workspace.

    Raises:
        YamlFaults: agency.yaml can't be read or has a fault.
    """
    return validate(Agency, load_yaml(workspace.agency_file))


def load_catalog(workspace: Workspace) -> Catalog:
    """The catalogue of a workspace, entries and broken entries in the order of their ids and files.

    A faulty entry file harms no other entry. Two files that claim one id are both broken.

    Raises:
        YamlFaults: agency.yaml can't be read or has a fault.
    """
    agency_document = load_yaml(workspace.agency_file)
    agency = validate(Agency, agency_document)
    files = sorted(path for pattern in ("*.yaml", "*.yml") for path in workspace.entries_dir.glob(pattern))
    reads = _with_rivals([_read(file) for file in files if not file.name.startswith(".")])
    whole = {read.entry.id: (read.entry, read.document) for read in reads if read.entry and not read.faults}
    return Catalog(
        workspace,
        agency,
        tuple(whole[entry_id][0] for entry_id in sorted(whole)),
        tuple(BrokenEntry(read.file.stem, read.file, read.faults, read.said("owner")) for read in reads if read.faults),
        {"": agency_document} | {entry_id: document for entry_id, (_, document) in whole.items() if document},
    )


def check_catalog(catalog: Catalog) -> tuple[CatalogFault, ...]:
    """Every fault of the catalogue, in the order of file, line and rule; reads files, but no data and no network."""
    entry_rules = (*ENTRY_RULES, *(NATIONAL_RULES if catalog.agency.follows_national_guide else ()))
    faults = [fault for broken in catalog.broken for fault in _of_broken(broken)]
    faults += [fault for entry in catalog.entries for rule in entry_rules for fault in rule(catalog, entry)]
    faults += [fault for rule in CATALOG_RULES for fault in rule(catalog)]
    return in_order(faults)


def in_order(faults: Iterable[CatalogFault]) -> tuple[CatalogFault, ...]:
    """Faults in the order of file, line and rule."""
    return tuple(sorted(faults, key=lambda fault: (str(fault.file), fault.line or 0, fault.rule, fault.message)))


def _of_broken(broken: BrokenEntry) -> Iterator[CatalogFault]:
    for error in broken.errors:
        line, key = (error.line, error.key) if isinstance(error, YamlFault) else (None, "")
        yield CatalogFault(
            rule=ENTRY_BROKEN.code,
            severity=ENTRY_BROKEN.severity,
            entry=broken.id,
            owner=broken.owner,
            file=broken.file,
            line=line,
            message=f"{key}: {error.what}" if key else error.what,
            fix=error.fix or ENTRY_BROKEN.fix,
            subject=key or error.what,
        )


def _read(file: Path) -> _Read:
    try:
        document = load_yaml(file)
    except YamlFaults as error:
        return _Read(file, None, None, error.faults)
    try:
        entry = validate(Entry, document)
    except YamlFaults as error:
        return _Read(file, document, None, error.faults)
    return _Read(file, document, entry, _name_faults(file, entry, document))


def _name_faults(file: Path, entry: Entry, document: YamlDocument) -> tuple[YamlFault, ...]:
    wanted = f"{entry.id}.yaml"
    if file.name == wanted:
        return ()
    fix = f"rename the file to {wanted}, or mend its id"
    what = f"the id {entry.id} is not the file's name"
    return (YamlFault(what, file=file, line=document.line("id"), key="id", fix=fix),)


def _with_rivals(reads: list[_Read]) -> list[_Read]:
    """The same files, with a fault more for each other file that claims the same id."""
    claims: dict[str, list[_Read]] = defaultdict(list)
    for read in reads:
        claims[read.said("id")].append(read)
    return [_with_rivals_of(read, claims[read.said("id")]) for read in reads]


def _with_rivals_of(read: _Read, claimants: list[_Read]) -> _Read:
    if read.document is None or not read.said("id"):
        return read
    line = read.document.line("id")
    rivals = tuple(
        YamlFault(
            f"the id {read.said('id')} is also claimed by {rival.file}:{rival.document.line('id')}",
            file=read.file,
            line=line,
            key="id",
            fix="give one of the two another id",
        )
        for rival in claimants
        if rival is not read and rival.document is not None
    )
    return _Read(read.file, read.document, read.entry, (*read.faults, *rivals))
