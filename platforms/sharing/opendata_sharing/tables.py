"""Versions of the tables, read from their logs once, and believed where they agree with what the pipeline recorded.

A version never changes, so what was read of it is kept. The log alone could be cut off at the end of a line and still
look whole; `data_file` says which files a version has, and where both differ the table is refused.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from opendata_sharing.delta_log import Action, Commit, Snapshot, read_commit, read_snapshot
from opendata_sharing.errors import StoreDamaged
from opendata_sharing.records import DataFile, Granted
from opendata_sharing.state import State

#: Commits and snapshots that are kept; the oldest in use goes first.
_KEPT = 4000
_Read = TypeVar("_Read")


class StillAway(Exception):  # noqa: N818 - nothing failed
    """The log of a table is not here up to a version: who answers fetches it, and begins anew."""

    def __init__(self, table_id: str, version: int) -> None:
        super().__init__(table_id, version)
        self.table_id, self.version = table_id, version


class Tables:
    """The Delta tables of a store, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._snapshots: OrderedDict[tuple[str, int], Snapshot] = OrderedDict()
        self._commits: OrderedDict[tuple[str, int], Commit] = OrderedDict()
        self._newest: dict[str, int] = {}

    def folder(self, table_id: str) -> Path:
        """The folder of a table."""
        return self._folder / table_id

    def require(self, table_id: str, version: int) -> None:
        """Whether the log is here up to a version; in a folder it is."""

    def look_at(self, table_id: str, files: Iterable[DataFile]) -> None:
        """Whether files are where they should be; those in a folder are looked at when they are sent."""

    async def fetch(self, table_id: str, version: int) -> None:
        """Have the log here up to a version; in a folder it is."""

    def snapshot(self, state: State, granted: Granted, version: int) -> Snapshot:
        """A version's snapshot, one that is served.

        Raises:
            StoreDamaged: the log can't be read, or isn't what the pipeline recorded.
        """
        table_id = granted.table.id

        def read() -> Snapshot:
            self.require(table_id, version)
            before = self._snapshots.get((table_id, self._newest.get(table_id, -1)))
            found = read_snapshot(self.folder(table_id), version, before)
            recorded = {file.path: file for file in state.files(table_id).values() if file.is_in(version)}
            _compare(f"version {version}", found.adds, recorded)
            self.look_at(table_id, [file for file in state.files(table_id).values() if file.lies_in(version)])
            self._newest[table_id] = max(version, self._newest.get(table_id, -1))
            return found

        return _kept(self._snapshots, (table_id, version), read)

    def commit(self, state: State, granted: Granted, version: int) -> Commit:
        """What a version changed, one that is served.

        Raises:
            StoreDamaged: the log can't be read, or isn't what the pipeline recorded.
        """
        table_id = granted.table.id

        def read() -> Commit:
            self.require(table_id, version)
            found = read_commit(self.folder(table_id), version)
            files = state.files(table_id).values()
            added, removed = _by_path(found.adds), {action["path"] for action in found.removes}
            # A file of which more rows were deleted by a vector is removed and added again: it stays the same file.
            new = {path: action for path, action in added.items() if path not in removed}
            data, changes = (_recorded(files, kind, version) for kind in ("data", "cdc"))
            _compare(f"the new files of version {version}", new, data)
            _compare(f"the changes of version {version}", _by_path(found.cdcs), changes)
            self.look_at(table_id, [file for file in files if file.first_version == version])
            if version > granted.table.first_version:
                gone = {file.path for file in files if file.kind == "data" and file.last_version == version - 1}
                if gone != removed - added.keys():
                    raise StoreDamaged(f"the log of version {version} removes other files than the pipeline recorded")
            return found

        return _kept(self._commits, (table_id, version), read)


def _kept(known: OrderedDict[tuple[str, int], _Read], key: tuple[str, int], read: Callable[[], _Read]) -> _Read:
    if key in known:
        known.move_to_end(key)
        return known[key]
    found = known[key] = read()
    if len(known) > _KEPT:
        known.popitem(last=False)
    return found


def _by_path(actions: tuple[Action, ...]) -> Mapping[str, Action]:
    return {action["path"]: action for action in actions}


def _recorded(files: Iterable[DataFile], kind: str, version: int) -> Mapping[str, DataFile]:
    return {file.path: file for file in files if file.kind == kind and file.first_version == version}


def _compare(what: str, logged: Mapping[str, Action], recorded: Mapping[str, DataFile]) -> None:
    """Whether the log and the pipeline's record name the same files with the same sizes.

    Raises:
        StoreDamaged: they don't.
    """
    if {path: action.get("size") for path, action in logged.items()} != {
        path: file.size for path, file in recorded.items()
    }:
        raise StoreDamaged(f"{what} in the log differs from what the pipeline recorded")
