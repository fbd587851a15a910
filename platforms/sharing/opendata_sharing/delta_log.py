"""Reading a table's _delta_log: what each commit did, and which files a version has (action reconciliation).

Read by ourselves rather than by a library: the answers need the actions as they stand (cdc, remove, statistics), and
a commit of some kilobytes is parsed in less time than a library takes to load. A checkpoint, which is Parquet, is
read by pyarrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opendata_sharing.errors import StoreDamaged

_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet")
_LOG = "_delta_log"
Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Commit:
    """The actions of one commit, in the order of the log."""

    version: int
    protocol: Action | None
    metadata: Action | None
    adds: tuple[Action, ...]
    removes: tuple[Action, ...]
    cdcs: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version of a table: its protocol, its metadata, and its files by path."""

    version: int
    protocol: Action
    metadata: Action
    adds: Mapping[str, Action]


def read_commit(table: Path, version: int) -> Commit:
    """What commit `version` of the table's log did.

    Raises:
        StoreDamaged: it isn't there, or is no whole commit.
    """
    path = table / _LOG / f"{version:020}.json"
    found: dict[str, list[Action]] = {
        name: [] for name in ("protocol", "metaData", "add", "remove", "cdc", "commitInfo")
    }
    try:
        for line in path.read_bytes().splitlines():
            action = json.loads(line)
            for kind, content in action.items():
                found.setdefault(kind, []).append(content)
    except FileNotFoundError as error:
        raise StoreDamaged(f"commit {version} of the log is missing") from error
    except (ValueError, AttributeError, OSError) as error:
        raise StoreDamaged(f"commit {version} of the log can't be read whole") from error
    return Commit(
        version,
        next(iter(found["protocol"]), None),
        next(iter(found["metaData"]), None),
        tuple(found["add"]),
        tuple(found["remove"]),
        tuple(found["cdc"]),
    )


def read_snapshot(table: Path, version: int, before: Snapshot | None = None) -> Snapshot:
    """The table's snapshot at `version`; `before` is an older one that is known, from which the log is read on.

    Raises:
        StoreDamaged: the log doesn't have what is needed.
    """
    replay = _Replay()
    start = 0
    checkpoint = _newest_checkpoint(table, version)
    if before is not None and before.version <= version and (checkpoint is None or checkpoint <= before.version):
        replay = _Replay(before.protocol, before.metadata, dict(before.adds))
        start = before.version + 1
    elif checkpoint is not None:
        try:
            replay = _read_checkpoint(table, checkpoint)
            start = checkpoint + 1
        except StoreDamaged:
            # The commits before it may still be there; if not, reading them says so.
            if not (table / _LOG / f"{0:020}.json").is_file():
                raise
    for number in range(start, version + 1):
        replay.take(read_commit(table, number))
    if replay.protocol is None or replay.metadata is None:
        raise StoreDamaged("the log has no protocol or no metadata")
    return Snapshot(version, replay.protocol, replay.metadata, replay.adds)


@dataclass
class _Replay:
    protocol: Action | None = None
    metadata: Action | None = None
    adds: dict[str, Action] = field(default_factory=dict)

    def take(self, commit: Commit) -> None:
        """Go one commit further. Removals first: a commit that removes and adds one path leaves it there."""
        self.protocol = commit.protocol or self.protocol
        self.metadata = commit.metadata or self.metadata
        for action in commit.removes:
            self.adds.pop(_path(action), None)
        for action in commit.adds:
            self.adds[_path(action)] = action


def _path(action: Action) -> str:
    path = action.get("path")
    if not isinstance(path, str):
        raise StoreDamaged("an action of the log has no path")
    return path


def _checkpoints(table: Path) -> dict[int, list[Path]]:
    """The complete checkpoints by version."""
    found: dict[int, list[Path]] = {}
    wanted: dict[int, int] = {}
    for path in sorted((table / _LOG).glob("*.checkpoint*.parquet")):
        if match := _CHECKPOINT.fullmatch(path.name):
            found.setdefault(int(match[1]), []).append(path)
            wanted[int(match[1])] = int(match[3] or 1)
    return {version: paths for version, paths in found.items() if len(paths) >= wanted[version]}


def _newest_checkpoint(table: Path, version: int) -> int | None:
    return max((number for number in _checkpoints(table) if number <= version), default=None)


def _read_checkpoint(table: Path, version: int) -> _Replay:
    from pyarrow import (
        ArrowException,  # only a table with a checkpoint pays for loading it
        parquet,
    )

    replay = _Replay()
    try:
        rows = [
            row
            for path in _checkpoints(table)[version]
            for row in parquet.read_table(path, columns=["protocol", "metaData", "add"]).to_pylist(
                maps_as_pydicts="strict"
            )
        ]
    except (ArrowException, OSError, ValueError, KeyError) as error:
        raise StoreDamaged(f"checkpoint {version} of the log can't be read") from error
    for row in rows:
        replay.protocol = _without_nulls(row["protocol"]) or replay.protocol
        replay.metadata = _without_nulls(row["metaData"]) or replay.metadata
        if row["add"] is not None:
            replay.adds[_path(row["add"])] = _as_in_json(row["add"])
    return replay


def _without_nulls(action: Action | None) -> Action | None:
    """A checkpoint writes every column, null where the action lacks it."""
    return None if action is None else {name: value for name, value in action.items() if value is not None}


def _as_in_json(add: Action) -> Action:
    """An add of a checkpoint as a commit writes it; parsed statistics are columns of checkpoints alone."""
    kept = {name: value for name, value in add.items() if value is not None and not name.endswith("_parsed")}
    return {"partitionValues": {}, **kept, "dataChange": kept.get("dataChange", True)}
