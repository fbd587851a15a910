"""A YAML file as read: its value with the line of each key, or all its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resource_catalog.errors import WorkspaceError

KeyPath = tuple[str | int, ...]


class YamlFault(WorkspaceError):
    """One fault of a YAML file, at a line (from 1; None where the file has none) and a dotted key."""

    def __init__(self, what: str, *, file: Path, line: int | None = None, key: str = "", fix: str = "") -> None:
        place = f"{file}:{line}" if line is not None else str(file)
        super().__init__(what, where=f"{place} › {key}" if key else place, fix=fix)
        self.file = file
        self.line = line
        self.key = key


class YamlFaults(WorkspaceError):
    """All that is wrong with one YAML file; `faults` has each, in line order."""

    def __init__(self, file: Path, faults: Sequence[YamlFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.key)))
        first = self.faults[0]
        if len(self.faults) == 1:
            super().__init__(first.what, where=first.where, fix=first.fix)
        else:
            super().__init__(f"{len(self.faults)} faults", where=str(file), fix="mend each")

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True)
class YamlDocument:
    """What a YAML file says (mappings as dict, sequences as tuple), and where.

    `lines` has the line of each key path, from 1; `written` the text of each scalar that YAML reads as no text.
    """

    file: Path
    value: Any
    lines: Mapping[KeyPath, int] = field(repr=False, compare=False)
    written: Mapping[KeyPath, str] = field(repr=False, compare=False)

    def line(self, *path: str | int) -> int:
        """The line of a key path, or of the nearest thing around it that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def dotted(path: KeyPath) -> str:
    """The key path as a person writes it: source.path."""
    return ".".join(str(part) for part in path)
