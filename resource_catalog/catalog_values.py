"""What a catalogue is once it is read: its entries, those that are broken, and the faults found in it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError, UsageError, WorkspaceError
from resource_catalog.workspace import Workspace
from resource_catalog.yaml_document import YamlDocument


@dataclass(frozen=True)
class BrokenEntry:
    """An entry file that makes no entry; `id` and `owner` are the best known: the file's stem, and "" or its word."""

    id: str
    file: Path
    errors: tuple[OpenDataError, ...]
    owner: str = ""


@dataclass(frozen=True)
class Catalog:
    """The agency and its entries by id; `documents` are their files as read, for lines; agency.yaml's has the id ""."""

    workspace: Workspace
    agency: Agency
    entries: tuple[Entry, ...]
    broken: tuple[BrokenEntry, ...] = ()
    documents: Mapping[str, YamlDocument] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The readable entries by id."""
        return {entry.id: entry for entry in self.entries}

    def entry(self, entry_id: str) -> Entry:
        """The entry of that id.

        Raises:
            UsageError: the catalogue has no such id; the message names the nearest.
            WorkspaceError: its file is broken.
        """
        if entry_id in self.by_id:
            return self.by_id[entry_id]
        for broken in self.broken:
            if broken.id == entry_id:
                raise WorkspaceError("the entry is broken", where=str(broken.file), fix="run: opendata catalog check")
        known = list(self.by_id)
        near = difflib.get_close_matches(entry_id, known, 3) or known[:10]
        raise UsageError(f"the catalogue has no entry {entry_id!r}", fix=f"nearest: {', '.join(near) or 'none at all'}")

    def line(self, entry_id: str, *path: str | int) -> int | None:
        """The line of a key path, or of what is nearest around it, in the entry's file; for "", in agency.yaml."""
        document = self.documents.get(entry_id)
        return document.line(*path) if document else None


@dataclass(frozen=True)
class CatalogFault:
    """One fault of the catalogue: `must` is to be mended before the entry is published, `should` soon after.

    `rule` is a stable slug. `entry` is "" where the fault is about no one entry, and `owner` where nobody is named;
    `line` counts from 1. `subject` is what of the entry is at fault: together with rule and entry it tells the fault
    from every other, whatever the day and wherever the line stands.
    """

    rule: str
    severity: Literal["must", "should"]
    entry: str
    owner: str
    file: Path
    line: int | None
    message: str
    fix: str
    subject: str = ""
