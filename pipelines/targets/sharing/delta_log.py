"""The Delta log of one shared table: its commits, put if absent, and the files that a version consists of.

Source: the Delta transaction protocol. A commit is one file `_delta_log/<version>.json`, made whole beside it and given
its name by a hard link, which fails where that version exists: of two writers exactly one commits. Where the oldest
commits are gone (`log_shortening.py`), a checkpoint stands for them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.home import to_disk
from pipelines.targets.sharing import deletion_vector
from pipelines.targets.sharing.checkpoints import Checkpoint, checkpoint_versions, read_checkpoint
from resource_catalog.errors import OutsideError

Action = Mapping[str, Any]
#: What a commit says of the table where it is otherwise than before.
DESCRIBED = ("opendata.policy", "opendata.columns")


class VersionTakenError(OutsideError):
    """Another writer committed that version first; what it wrote is to be read before going on."""


@dataclass(frozen=True)
class LiveFile:
    """A data file of a version: `rows` as written, `gone` the numbers from 0 of those that no longer count."""

    path: str
    size: int
    rows: int
    sha256: str
    gone: tuple[int, ...] = ()
    add: Action = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Rows that count."""
        return self.rows - len(self.gone)


@dataclass(frozen=True)
class Snapshot:
    """A version: its files by path, protocol and metadata then, and what commits said of policy and columns."""

    version: int
    files: Mapping[str, LiveFile]
    protocol: Action
    metadata: Action
    described: Action = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of the version."""
        return sum(one.left for one in self.files.values())

    @property
    def timestamp(self) -> int:
        """Milliseconds of the commit."""
        return int(self.metadata.get("_timestamp", 0))


def log_folder(table: Path) -> Path:
    """Where a table's commits lie."""
    return table / "_delta_log"


def commit_name(version: int) -> str:
    """A commit's path in its table."""
    return f"_delta_log/{version:020}.json"


def commit_file(table: Path, version: int) -> Path:
    """Where a version's commit lies."""
    return table / commit_name(version)


def as_lines(actions: Iterable[Action]) -> str:
    """A commit's text."""
    return "".join(json.dumps(action, ensure_ascii=False, separators=(",", ":")) + "\n" for action in actions)


def _versions(table: Path) -> range:
    """The versions whose commits are there: one after the other, from 0 on or with a checkpoint among them."""
    folder = log_folder(table)
    known = sorted(int(one.stem) for one in folder.glob("*.json") if one.stem.isdigit()) if folder.is_dir() else []
    if not known:
        return range(0)
    first = known[0]
    if first and not any(one in range(first, known[-1] + 1) for one in checkpoint_versions(folder)):
        first = 0
    missing = next((number for number, found in enumerate([*known, -1], start=first) if number != found), known[-1])
    if missing <= known[-1]:
        raise broken(table, f"its log lacks version {missing}")
    return range(first, known[-1] + 1)


def first_version(table: Path) -> int | None:
    """The oldest version whose commit is there; None where there is none."""
    return next(iter(_versions(table)), None)


def last_version(table: Path) -> int | None:
    """The newest version in the log; None where there is none.

    Raises:
        OutsideError: a commit between the first and the last is missing, or the first and every checkpoint.
    """
    return next(reversed(_versions(table)), None)


def broken(table: Path, what: str) -> OutsideError:
    """What is told of a table that can't be used."""
    fix = "put the table's folder back from a backup, or remove it with its record: the next run makes a new one"
    return OutsideError(f"the shared table can't be used: {what}", where=str(table), fix=fix)


def read_commit(table: Path, version: int) -> list[Action]:
    """The actions of a version.

    Raises:
        OutsideError: the commit can't be read or was cut short.
    """
    file = commit_file(table, version)
    try:
        text = file.read_text(encoding="utf-8")
        actions = [json.loads(line) for line in text.splitlines() if line]
    except (OSError, ValueError) as error:
        raise broken(table, f"version {version} of its log can't be read: {error}") from error
    if not text.endswith("\n") or not any("commitInfo" in action for action in actions):
        raise broken(table, f"version {version} of its log was cut short")
    return actions


def commit_info(actions: Iterable[Action]) -> Action:
    """What a commit says of itself."""
    info: Action = next(action["commitInfo"] for action in actions if "commitInfo" in action)
    return info


def _live(table: Path, add: Action) -> LiveFile:
    tags, vector = add["tags"], add.get("deletionVector")
    try:
        gone = tuple(deletion_vector.read(table, vector)) if vector else ()
    except (OSError, ValueError) as error:
        raise broken(table, f"the rows that are gone from {add['path']} can't be read: {error}") from error
    return LiveFile(add["path"], add["size"], int(tags["rows"]), tags["sha256"], gone, add)


def _after(adds: dict[str, Action], actions: Sequence[Action]) -> dict[str, Action]:
    """The files once a commit was made; a file whose vector changed is removed and added under one path."""
    removed = {action["remove"]["path"] for action in actions if "remove" in action}
    left = {path: one for path, one in adds.items() if path not in removed}
    return left | {action["add"]["path"]: action["add"] for action in actions if "add" in action}


def commits(table: Path) -> Iterator[tuple[int, list[Action]]]:
    """Every version that is still in the log with its actions, oldest first."""
    for version in _versions(table):
        yield version, read_commit(table, version)


def _base(table: Path, known: range, below: int | None) -> tuple[int, Checkpoint] | None:
    """The newest checkpoint of these versions that can be read, and whose commit describes the table.

    Raises:
        OutsideError: there is none, and not every commit from the first on either.
    """
    folder = log_folder(table)
    fit = [one for one in checkpoint_versions(folder) if one in known and (below is None or one < below)]
    for version in reversed(fit):
        try:
            found = read_checkpoint(folder, version)
        except (OSError, ValueError):
            continue
        if all(key in commit_info(read_commit(table, version)) for key in DESCRIBED):
            return version, found
    if known.start:
        raise broken(table, f"its log lacks version 0, and no checkpoint up to version {known.stop - 1} can be read")
    return None


@dataclass(frozen=True)
class Replayed:
    """A version as the log has it: the actions that added its files by path, and the rest as of `Snapshot`."""

    version: int
    adds: Mapping[str, Action]
    protocol: Action
    metadata: Action
    described: Action


def replay(table: Path, version: int | None = None, *, below_checkpoint: int | None = None) -> Replayed | None:
    """A version as the log has it, the newest by default; None where nothing was committed.

    Args:
        table: The table's folder.
        version: Which; the newest where none is named.
        below_checkpoint: Use no checkpoint from this version on.

    Raises:
        OutsideError: the log is broken.
    """
    known = _versions(table)
    known = known if version is None else range(known.start, min(known.stop, version + 1))
    if not known:
        return None
    base = _base(table, known, below_checkpoint)
    start, stored = base or (known.start, None)
    adds: dict[str, Action] = dict(stored.adds) if stored else {}
    protocol: Action = stored.protocol if stored else {}
    metadata: dict[str, Any] = dict(stored.metadata) if stored else {}
    described: dict[str, Any] = {}
    for number in range(start, known.stop):
        actions = read_commit(table, number)
        if not stored or number > start:
            adds = _after(adds, actions)
        for action in actions:
            protocol = action.get("protocol", protocol)
            metadata = dict(action.get("metaData", metadata))
        info = commit_info(actions)
        metadata["_timestamp"] = info["timestamp"]
        described |= {key: info[key] for key in DESCRIBED if key in info}
    return Replayed(known[-1], adds, protocol, metadata, described)


def snapshot(table: Path, version: int | None = None) -> Snapshot | None:
    """A version as it is, the newest by default; None where nothing was committed.

    Raises:
        OutsideError: the log is broken, or the vectors of that version can't be read.
    """
    found = replay(table, version)
    if found is None:
        return None
    files = {path: _live(table, add) for path, add in found.adds.items()}
    return Snapshot(found.version, files, found.protocol, found.metadata, found.described)


def named_files(table: Path) -> list[Action]:
    """The files, change data too, of every version that is still in the log, as the actions that added them.

    Raises:
        OutsideError: the log is broken.
    """
    known = _versions(table)
    made = [action for _version, actions in commits(table) for action in actions]
    found = [action[kind] for action in made for kind in ("add", "cdc") if kind in action]
    if known and known.start:  # of the files that come from before it, the oldest checkpoint tells
        oldest = replay(table, min(one for one in checkpoint_versions(log_folder(table)) if one in known))
        found += oldest.adds.values() if oldest else []
    return found


def commit(table: Path, version: int, actions: Sequence[Action]) -> None:
    """Make a version: the actions are on the disk before the version has its name, and its name is given once.

    Raises:
        VersionTakenError: that version exists.
        OSError: the disk failed; nothing was committed.
    """
    folder = log_folder(table)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{os.getpid()}-{os.urandom(4).hex()}.draft"
    try:
        draft.write_text(as_lines(actions), encoding="utf-8")
        to_disk(draft)
        commit_file(table, version).hardlink_to(draft)
        to_disk(folder)
    except FileExistsError as error:
        fix = "run again: what the other writer did is read first"
        raise VersionTakenError(
            f"version {version} was committed by another writer", where=str(table), fix=fix
        ) from error
    finally:
        draft.unlink(missing_ok=True)
