"""Tables in a bucket: folders have copies of their logs, and of files only while a version is made of them.

The bucket is the truth. A version is made in the folder, its files are sent, and then its commit is put if absent: of
two writers, from whatever machines, exactly one commits. Killed anywhere, the next run finds there what was done.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.targets.sharing import delta_log
from pipelines.targets.sharing.bucket import Bucket, Listed
from pipelines.targets.sharing.checkpoints import HINT
from pipelines.targets.sharing.delta_log import Action, VersionTakenError, broken
from pipelines.targets.sharing.records import tables_folder
from resource_catalog.errors import OutsideError
from resource_catalog.sharing_settings import ObjectStore

#: What folders keep: the log, and vectors, without which a log can't be understood.
_KEPT = re.compile(r"_delta_log/[^./][^/]*|deletion_vector_[^/]*\.bin")
_DATA = re.compile(r"(?:_change_data/)?v(\d{8})-[0-9a-f]+\.parquet")
_LOGGED = re.compile(r"_delta_log/(\d{20})\.(?:json|checkpoint\.parquet)")
_VECTOR = re.compile(r"deletion_vector_[^/]*\.bin")
#: What nobody names and is older than this is nobody's: no run takes so long between a file and its commit.
_SURELY_LEFT = datetime.timedelta(hours=24)
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TABLE, _PROBE = re.compile(_UUID), re.compile(f"probe-{_UUID}")
_OURS = re.compile("|".join(one.pattern for one in (_KEPT, _DATA)))


class ObjectTables:
    """The tables of a store, in a bucket.

    Args:
        store: The store's folder.
        settings: The bucket.
    """

    def __init__(self, store: Path, settings: ObjectStore) -> None:
        self._store = store
        self.place: Mapping[str, Any] = settings.model_dump(exclude={"single_writer"})
        self._bucket = Bucket(settings)
        self._there: dict[str, dict[str, Listed]] = {}

    def check(self) -> None:
        """Whether the bucket keeps no removed object, and lets one of two writers win.

        Raises:
            OutsideError: it doesn't, or can't be reached.
        """
        probe = f"probe-{uuid.uuid4()}"
        versions = self._bucket.put(probe, b"versions?")
        try:
            if versions:
                fix = "name a bucket without versions: what is withdrawn would stay readable in this one"
                raise OutsideError("the bucket keeps removed objects as versions", where=self._bucket.where, fix=fix)
            if self._bucket.create(probe, b"if absent?"):
                fix = "name another, or set targets.sharing.objects.single_writer where this home alone writes there"
                raise OutsideError(
                    "the store overwrites an object that it was told to put only if there is none: of two writers both "
                    "would believe to have committed",
                    where=self._bucket.where,
                    fix=fix,
                )
        finally:
            self._bucket.remove([probe])

    def refresh(self) -> None:
        """Have every folder show its table's log; remove what killed runs left of tables without a commit.

        Raises:
            OutsideError: the bucket can't be read.
        """
        tables: dict[str, dict[str, Listed]] = {}
        for path, one in self._bucket.list().items():
            table, _, rest = path.partition("/")
            if _TABLE.fullmatch(table) and _OURS.fullmatch(rest):  # another's objects are none of our business
                tables.setdefault(table, {})[rest] = one
            elif _PROBE.fullmatch(path) and _is_left(one):
                self._bucket.remove([path])
        folder = tables_folder(self._store)
        known = {one.name for one in folder.iterdir() if one.is_dir()} if folder.is_dir() else set()
        for table in sorted(tables.keys() | known):
            there = tables.get(table, {})
            if any(path.startswith("_delta_log/") for path in there) or table in known:
                self._follow(folder / table, there)
            elif all(map(_is_left, there.values())) and not (folder / f"{table}.json").exists():
                self._bucket.remove([f"{table}/{path}" for path in there])

    def _follow(self, folder: Path, there: Mapping[str, Listed]) -> None:
        """Have a folder hold the log and the vectors that the bucket has, and nothing else but drafts."""
        wanted = {path: one.size for path, one in there.items() if _KEPT.fullmatch(path)}
        for path in _lying(folder):
            file = folder / path
            if wanted.get(path) == file.stat().st_size:
                del wanted[path]
            else:
                file.unlink()
        for path in sorted(wanted):
            self._bucket.fetch(f"{folder.name}/{path}", folder / path)
        self._there[folder.name] = dict(there)

    def pull(self, folder: Path) -> None:
        """The log as it is now, and every file of its newest version.

        Raises:
            OutsideError: the bucket lacks one, or can't be read.
        """
        self._look_anew(folder)
        self._follow(folder, self._there[folder.name])
        newest = delta_log.snapshot(folder)
        for path in newest.files if newest else ():
            if path not in self._there[folder.name]:
                raise broken(folder, f"{path} is missing in {self._bucket.where}")
            self._bucket.fetch(f"{folder.name}/{path}", folder / path)

    def commit(self, folder: Path, version: int, actions: Sequence[Action]) -> None:
        """Send the version's files, then put its commit if absent.

        Raises:
            VersionTakenError: another writer made the version.
            OutsideError: the bucket can't be written; nothing was committed.
        """
        there = self._there.get(folder.name, {})
        for path in _files_of(actions):
            size = (folder / path).stat().st_size
            if _size(there, path) != size:
                self._bucket.send(folder / path, f"{folder.name}/{path}")
                if self._bucket.size(f"{folder.name}/{path}") != size:
                    raise OutsideError(
                        f"{path} was sent and isn't there whole", where=self._bucket.where, fix="run again"
                    )
        marked = _marked(actions)
        name = delta_log.commit_name(version)
        if not self._bucket.create(f"{folder.name}/{name}", delta_log.as_lines(marked).encode()):
            fix = "run again: what the other writer did is read first"
            raise VersionTakenError(
                f"version {version} was committed by another writer",
                where=f"{self._bucket.where}/{folder.name}",
                fix=fix,
            )
        delta_log.commit(folder, version, marked)

    def show_log(self, folder: Path) -> None:
        """Checkpoints go there, then the hint that names the newest, and then only what they stand for is removed."""
        there, first = self._there.get(folder.name, {}), delta_log.first_version(folder)
        if first is None:
            return
        log = delta_log.log_folder(folder)
        known = sorted(log.glob("*.checkpoint.parquet"))
        new = [file for file in known if _size(there, f"{log.name}/{file.name}") != file.stat().st_size]
        over = sorted(path for path in there if (logged := _LOGGED.fullmatch(path)) and int(logged[1]) < first)
        if not new and not over:
            return
        for file in (*new, log / HINT):
            self._bucket.send(file, f"{folder.name}/{log.name}/{file.name}")
        self._bucket.remove([f"{folder.name}/{path}" for path in over])
        self._look_anew(folder)

    def _look_anew(self, folder: Path) -> None:
        prefix = f"{folder.name}/"
        there = self._bucket.list(prefix).items()
        self._there[folder.name] = {path.removeprefix(prefix): one for path, one in there}

    def tidy(self, folder: Path, named: Collection[str], version: int) -> None:
        """Remove what no version has, as the folder's own tidying does; what can't be removed now waits."""
        prefix = f"{folder.name}/"
        try:
            left = []
            for key, one in self._bucket.list(prefix).items():
                path = key.removeprefix(prefix)
                begun = _DATA.fullmatch(path)
                over = int(begun[1]) <= version if begun else bool(_VECTOR.fullmatch(path)) and _is_left(one)
                if over and path not in named:
                    left.append(key)
            self._bucket.remove(left)
        except OutsideError:
            return  # the version is made, and nobody is led to these files

    def let_go(self, folder: Path) -> None:
        """Keep the log and the vectors."""
        for path in _lying(folder):
            if not _KEPT.fullmatch(path):
                (folder / path).unlink()

    def remove(self, folder: Path, paths: Collection[str]) -> None:
        """Raises OutsideError where one is still there, or the bucket can't be reached."""
        self._bucket.remove([f"{folder.name}/{path}" for path in paths])
        for path in paths:
            (folder / path).unlink(missing_ok=True)

    def remove_table(self, folder: Path) -> None:
        """Raises OutsideError where something is still there, or the bucket can't be reached."""
        # The log goes last: until then it says what else is to go.
        self._bucket.remove(sorted(self._bucket.list(f"{folder.name}/"), key=lambda path: "/_delta_log/" in path))
        if folder.exists():
            shutil.rmtree(folder)

    def is_left(self, folder: Path) -> bool:
        """Whether the bucket, or this machine, has anything of it."""
        return folder.exists() or bool(self._bucket.list(f"{folder.name}/"))

    def digest(self, folder: Path, path: str) -> tuple[int, str] | None:
        """Of the object, read anew."""
        return self._bucket.digest(f"{folder.name}/{path}")

    def reader(self, folder: Path) -> tuple[str, Mapping[str, str]]:
        """The table in the bucket."""
        return self._bucket.reader(folder.name)


def _size(there: Mapping[str, Listed], path: str) -> int | None:
    found = there.get(path)
    return found.size if found else None


def _is_left(one: Listed) -> bool:
    return datetime.datetime.now(datetime.UTC) - one.at > _SURELY_LEFT


def _lying(folder: Path) -> list[str]:
    """The files in a table's folder but for drafts, which are those of writers at work or are removed as such."""
    found = (Path(place) / name for place, _folders, names in os.walk(folder) for name in names)
    return [one.relative_to(folder).as_posix() for one in found if not one.name.startswith(".")]


def _files_of(actions: Sequence[Action]) -> Iterator[str]:
    """Data, change data and vectors that a commit names."""
    for action in actions:
        for kind in ("add", "cdc"):
            if kind in action:
                yield action[kind]["path"]
                vector = action[kind]["tags"].get("vector")
                if vector:
                    yield vector


def _marked(actions: Sequence[Action]) -> list[Action]:
    """The actions of this very commit: two writers who do the same are told apart."""
    mark: dict[str, Any] = {"txnId": str(uuid.uuid4())}
    return [{"commitInfo": {**one["commitInfo"], **mark}} if "commitInfo" in one else one for one in actions]
