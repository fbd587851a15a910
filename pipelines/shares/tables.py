"""The tables of the sharing store as they are served: what the writer of Delta tables tells the writer of the state."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TableVersion:
    """One version of a table: the release that it was made from, how many rows it has, and how many came or went."""

    version: int
    release: int
    at: datetime.datetime
    rows: int
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class DataFile:
    """One file of a table and the versions whose snapshot has it; `path` is relative to the table's folder.

    `kind` is `data` or `cdc`; `last_version` is None where the newest snapshot still has it; `size` is in bytes.
    """

    path: str
    kind: str
    first_version: int
    last_version: int | None
    size: int
    rows: int
    sha256: str


@dataclass(frozen=True)
class SharedTable:
    """One dataset under one policy; `policy` is the policy's identity, `columns` has an object per column."""

    id: str
    dataset: str
    policy: str
    name: str
    title: str
    summary: str
    owner: str
    columns: tuple[Mapping[str, Any], ...]
    created_at: datetime.datetime
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cycle_days: int | None = None
    cycle: str = ""
    retired_at: datetime.datetime | None = None
    first_version: int | None = None
    current_version: int | None = None
    versions: tuple[TableVersion, ...] = ()
    files: tuple[DataFile, ...] = ()

    @property
    def is_served(self) -> bool:
        """Whether anybody may read it: it has a version, and nothing replaced it."""
        return self.retired_at is None and self.current_version is not None
