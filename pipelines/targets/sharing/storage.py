"""Where shared tables lie: what the steps of sharing ask of it, and the answer of a plain folder."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from pipelines.targets.sharing import delta_log
from pipelines.targets.sharing.delta_log import Action
from pipelines.targets.sharing.files import sha256_of


class Storage(Protocol):
    """The tables of a store. A table is named by its folder, in which versions are made; it may lie elsewhere.

    What is said of failures holds of a storage that lies elsewhere: OutsideError, with where and what to do.
    """

    #: What the sharing server must know of the place; empty: the store's folder has the tables.
    place: Mapping[str, Any]

    def check(self) -> None:
        """Whether tables can be kept there as they must, before a run changes any.

        Raises:
            OutsideError: they can't.
        """
        ...

    def refresh(self) -> None:
        """Have the folders show the logs of all tables as they are."""
        ...

    def pull(self, folder: Path) -> None:
        """Have a folder hold what the next version is made of: the log, and the files of its newest version."""
        ...

    def commit(self, folder: Path, version: int, actions: Sequence[Action]) -> None:
        """Make a version of files that lie in the folder.

        Raises:
            VersionTakenError: another writer made it first; nothing was committed.
        """
        ...

    def tidy(self, folder: Path, named: Collection[str], version: int) -> None:
        """Remove files that no version up to this one has, of writers that were killed or came second."""
        ...

    def show_log(self, folder: Path) -> None:
        """Have others find the log as the folder has it: with its checkpoints, without commits that were removed."""
        ...

    def let_go(self, folder: Path) -> None:
        """A version was made, or could not be: free what `pull` took."""
        ...

    def remove(self, folder: Path, paths: Collection[str]) -> None:
        """Remove files of a table, and see that they are gone."""
        ...

    def remove_table(self, folder: Path) -> None:
        """Remove all of a table, and see that it is gone."""
        ...

    def is_left(self, folder: Path) -> bool:
        """Whether anything of a table is there."""
        ...

    def digest(self, folder: Path, path: str) -> tuple[int, str] | None:
        """Bytes and SHA-256 (hex) of a file as it is read; None where it is missing."""
        ...

    def reader(self, folder: Path) -> tuple[str, Mapping[str, str]]:
        """The address of a table for another program, deltalake, and what that must know beside it."""
        ...


class FolderStorage:
    """Tables that lie in their folders."""

    place: Mapping[str, Any] = MappingProxyType({})

    def check(self) -> None:
        """The steps themselves tell of a disk that fails."""

    def refresh(self) -> None:
        """The folders are the tables."""

    def pull(self, folder: Path) -> None:
        """All is there."""

    def commit(self, folder: Path, version: int, actions: Sequence[Action]) -> None:
        """As `delta_log.commit`."""
        delta_log.commit(folder, version, actions)

    def tidy(self, folder: Path, named: Collection[str], version: int) -> None:
        """Whoever made the version tidies the folder."""

    def show_log(self, folder: Path) -> None:
        """The folder is what others find."""

    def let_go(self, folder: Path) -> None:
        """Nothing was taken."""

    def remove(self, folder: Path, paths: Collection[str]) -> None:
        """Raises OSError where the disk fails."""
        for path in paths:
            (folder / path).unlink(missing_ok=True)

    def remove_table(self, folder: Path) -> None:
        """Raises OSError where the disk fails."""
        if folder.exists():
            shutil.rmtree(folder)

    def is_left(self, folder: Path) -> bool:
        """Whether there is the folder."""
        return folder.exists()

    def digest(self, folder: Path, path: str) -> tuple[int, str] | None:
        """Of the file in the folder."""
        file = folder / path
        return (file.stat().st_size, sha256_of(file)) if file.is_file() else None

    def reader(self, folder: Path) -> tuple[str, Mapping[str, str]]:
        """The folder itself."""
        return str(folder), {}


FOLDERS = FolderStorage()
