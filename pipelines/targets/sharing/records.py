"""The record of one shared table: what of it is served, version by version and file by file.

It is the pointer: nothing beyond its `current_version` is served. It repeats what the Delta log says, so that one that
was lost, or was left behind by a run that was killed after its commit, is made anew from the log.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.home import disk_failure, to_disk
from pipelines.targets.sharing.checkpoints import checkpoint_versions
from pipelines.targets.sharing.columns import SharedColumn
from pipelines.targets.sharing.delta_log import (
    Action,
    commit_info,
    first_version,
    last_version,
    log_folder,
    read_commit,
    replay,
)
from resource_catalog.errors import OutsideError
from resource_catalog.sharing_policy import Policy


@dataclass(frozen=True)
class Version:
    """One version of a shared table: the release that it shows, and what differs from the version before.

    `digest` is the release's, `rows_digest` that of the version's rows (`row_digest.py`), `store` where the release
    lies: `releases`, or `shared` where the share has other columns than the public. `passed_over` are the numbers of
    releases between the version before and this one that have no version of their own: it stands for them, too.
    """

    version: int
    release: int
    store: str
    digest: str
    at: str
    rows: int
    added: int
    changed: int
    removed: int
    rows_digest: str
    passed_over: tuple[int, ...] = ()


@dataclass(frozen=True)
class DataFile:
    """One file of a shared table; `last_version` None: the current version still has it.

    `kind` is data, cdc (change data: both versions are the one whose changes it has) or dv (the deletion vector of the
    data file `of`).
    """

    path: str
    kind: str
    first_version: int
    last_version: int | None
    size: int
    rows: int
    sha256: str
    of: str = ""


@dataclass(frozen=True)
class Raised:
    """From `at` on nothing before `first_version` was served."""

    first_version: int
    at: str


@dataclass(frozen=True)
class SharedTable:
    """What is served of one Delta table. Times are UTC, ISO 8601 with Z.

    `raised` are the ends of versions whose files may still be there, oldest first; `emptied` says that none is.
    """

    id: str
    policy: Policy
    columns: tuple[SharedColumn, ...]
    created_at: str
    retired_at: str | None
    first_version: int
    current_version: int | None
    versions: tuple[Version, ...]
    files: tuple[DataFile, ...]
    emptied: bool = False
    raised: tuple[Raised, ...] = ()

    @property
    def dataset(self) -> str:
        """The dataset's id."""
        return self.policy.dataset

    @property
    def current(self) -> Version | None:
        """The version that is served."""
        return self.versions[-1] if self.versions else None


def instant(at: datetime.datetime) -> str:
    """An instant as the store writes it: UTC, whole seconds."""
    return f"{at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def tables_folder(store: Path) -> Path:
    """Where the tables and their records lie."""
    return store / "tables"


def _file(store: Path, table: str) -> Path:
    return tables_folder(store) / f"{table}.json"


def _policy(known: Mapping[str, Any]) -> Policy:
    conditions = {name: tuple(values) for name, values in known["conditions"].items()}
    return Policy(known["dataset"], tuple(known["columns"]), conditions)


def _version(known: Mapping[str, Any]) -> Version:
    return Version(**{**known, "passed_over": tuple(known.get("passed_over", ()))})


def read_table(file: Path) -> SharedTable:
    """The record in a file.

    Raises:
        OutsideError: it can't be read.
    """
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return SharedTable(
            **{
                **known,
                "policy": _policy(known["policy"]),
                "columns": tuple(SharedColumn(**one) for one in known["columns"]),
                "versions": tuple(map(_version, known["versions"])),
                "files": tuple(DataFile(**one) for one in known["files"]),
                "raised": tuple(Raised(**one) for one in known["raised"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = "remove this record: the next run makes it anew from the table's log"
        raise OutsideError(f"the record of a shared table can't be read: {error}", where=str(file), fix=fix) from error


def tables_of(store: Path) -> tuple[SharedTable, ...]:
    """Every table that was ever shared, the retired ones too, by id.

    Raises:
        OutsideError: a record can't be read.
    """
    return tuple(read_table(file) for file in sorted(tables_folder(store).glob("*.json")))


def write_table(store: Path, table: SharedTable) -> None:
    """Put a record in the place of the one before, in one step.

    Raises:
        OutsideError: the disk failed; the record before stands.
    """
    file = _file(store, table.id)
    draft = file.with_name(f".{file.name}.draft")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(asdict(table), ensure_ascii=False), encoding="utf-8")
        to_disk(draft)
        os.replace(draft, file)  # noqa: PTH105  beside `to_disk`, which is os as well
        to_disk(file.parent)
    except OSError as error:
        raise disk_failure("the record of a shared table could not be written", file, error) from error


def _ended(files: Sequence[DataFile], paths: set[str], version: int) -> list[DataFile]:
    return [
        replace(one, last_version=version - 1) if one.path in paths and one.last_version is None else one
        for one in files
    ]


def _vector(path: str, add: Action, version: int) -> DataFile:
    tags = add["tags"]
    size, digest = int(tags["vectorSize"]), tags["vectorSha256"]
    return DataFile(tags["vector"], "dv", version, None, size, 0, digest, of=path)


def _vectors_over(files: Sequence[DataFile], touched: set[str], new: set[str]) -> set[str]:
    """The vectors of data files that a commit removed or gave another one."""
    return {one.path for one in files if one.kind == "dv" and one.of in touched and one.path not in new}


def _begun(kind: str, action: Action, version: int) -> DataFile:
    tags = action["tags"]
    last = version if kind == "cdc" else None
    return DataFile(action["path"], kind, version, last, action["size"], int(tags["rows"]), tags["sha256"])


def with_commit(table: SharedTable, version: int, actions: Sequence[Action]) -> SharedTable:
    """The record once a commit is counted in; the pointer then stands at it."""
    info = commit_info(actions)
    facts: Mapping[str, Any] = info["opendata.version"]
    removed = {action["remove"]["path"] for action in actions if "remove" in action}
    added = {action["add"]["path"]: action["add"] for action in actions if "add" in action}
    vectors = {one["tags"]["vector"] for one in added.values() if "vector" in one["tags"]}
    over = (removed - added.keys()) | _vectors_over(table.files, removed | added.keys(), vectors)
    files = _ended(table.files, over, version)  # a data file whose vector changed goes on
    known = {one.path for one in files if one.last_version is None}
    files += [_vector(path, add, version) for path, add in added.items() if "vector" in add["tags"]]
    files += [_begun("data", add, version) for path, add in added.items() if path not in known]
    files += [_begun("cdc", action["cdc"], version) for action in actions if "cdc" in action]
    described: dict[str, Any] = {}
    if "opendata.policy" in info:
        described["policy"] = _policy(info["opendata.policy"])
        described["columns"] = tuple(SharedColumn(**one) for one in info["opendata.columns"])
    return replace(
        table,
        **described,
        current_version=version,
        versions=(*table.versions, _version({"version": version, **facts})),
        files=tuple(files),
    )


def begun(table: str, policy: Policy, at: str) -> SharedTable:
    """The record of a table before its first version."""
    return SharedTable(table, policy, (), at, None, 0, None, (), ())


def caught_up(store: Path, table: SharedTable) -> SharedTable:
    """The record with the commits that the log has beyond it: of a run that was killed before it moved the pointer.

    Raises:
        OutsideError: the log is broken, or ends before the record does.
    """
    folder = tables_folder(store) / table.id
    counted = -1 if table.current_version is None else table.current_version
    last = last_version(folder)
    if (-1 if last is None else last) < counted:
        what = f"its log ends at version {last}, and version {counted} is served"
        fix = "put the table's folder back from a backup, or withdraw the dataset"
        raise OutsideError(what, where=str(folder), fix=fix)
    for version in range(counted + 1, (-1 if last is None else last) + 1):
        table = with_commit(table, version, read_commit(folder, version))
    return table


def remove_begun(store: Path) -> None:
    """Remove folders of tables without a commit: of a run that was killed before a table's first one."""
    folder = tables_folder(store)
    for one in sorted(folder.iterdir()) if folder.is_dir() else ():
        if one.is_dir() and not _file(store, one.name).exists() and last_version(one) is None:
            shutil.rmtree(one)


def unrecorded(store: Path) -> list[SharedTable]:
    """Tables with a log and no record: of a run that was killed between a table's first commit and its record."""
    folder = tables_folder(store)
    found = []
    for one in sorted(folder.iterdir()) if folder.is_dir() else ():
        first = first_version(one) if one.is_dir() and not _file(store, one.name).exists() else None
        if first is not None:
            found.append(caught_up(store, _from(one, first) if first else _empty(one, 0)))
    return found


def _empty(folder: Path, version: int) -> SharedTable:
    """The record of a table before a version that says what its policy is."""
    info = commit_info(read_commit(folder, version))
    return begun(folder.name, _policy(info["opendata.policy"]), info["opendata.version"]["at"])


def _from(folder: Path, first: int) -> SharedTable:
    """The record at the oldest version that the log can still tell all of; older ones are served no more."""
    version = next(one for one in checkpoint_versions(log_folder(folder)) if one >= first)
    live = replay(folder, version)
    adds = [{"add": one} for one in live.adds.values()] if live else []
    own = [action for action in read_commit(folder, version) if "cdc" in action or "commitInfo" in action]
    table = with_commit(_empty(folder, version), version, [*own, *adds])
    files = tuple(replace(one, first_version=_born(one)) for one in table.files)
    return replace(table, first_version=version, files=files)


def _born(file: DataFile) -> int:
    """The version that a data file came with, as its name says."""
    return int(Path(file.path).name[1:9]) if file.kind == "data" else file.first_version
