"""Files written so that a reader sees the old bytes or the new ones, and never a part of either."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.home import disk_failure, to_disk


@contextmanager
def outside_failures(folder: Path) -> Iterator[None]:
    """Turn a failure of the file system into an OutsideError that says where it happened."""
    try:
        yield
    except OSError as error:
        raise disk_failure("the portal can't be read or written", Path(error.filename or folder), error) from error


def sha256_of(path: Path) -> str:
    """The file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_tree(folder: Path) -> None:
    """Make the names of a folder and of all folders below it durable, the innermost first."""
    for path, _, _ in os.walk(folder, topdown=False):
        to_disk(Path(path))


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and make its bytes durable; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def replace_file(path: Path, content: bytes) -> bool:
    """Put the content in the file's place in one step; nothing is written where the bytes are the same.

    Returns:
        Whether anything was written.
    """
    if path.is_file() and path.read_bytes() == content:
        return False
    aside = path.with_name(f".{path.name}.new")
    write_file(aside, content)
    aside.replace(path)
    to_disk(path.parent)
    return True


def link_or_copy(source: Path, place: Path) -> None:
    """Give a file a second name; a copy, made durable, where the place is on another file system."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.hardlink_to(source)
    except OSError:
        copy_file(source, place)


def copy_file(source: Path, place: Path) -> None:
    """Copy a file's bytes and rights, and make them durable; its folder is made where it is missing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)
    with place.open("rb") as stream:
        os.fsync(stream.fileno())


def point_link(link: Path, goal: Path) -> None:
    """Let a symbolic link point to the goal, by a relative path, in one step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(goal, link.parent))
    aside.replace(link)
    to_disk(link.parent)


def files_below(folder: Path) -> frozenset[str]:
    """The paths of all files below the folder, relative to it; links are listed and not followed."""
    found: set[str] = set()
    for path, folders, names in os.walk(folder):
        here = Path(path)
        links = [name for name in folders if (here / name).is_symlink()]
        found.update((here / name).relative_to(folder).as_posix() for name in [*names, *links])
    return frozenset(found)
