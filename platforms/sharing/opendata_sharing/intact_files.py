"""Opening a data file only where it still is what the pipeline wrote: in its place, with its bytes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from opendata_sharing.errors import StoreDamaged
from opendata_sharing.records import DataFile

_KEPT = 100_000
_BLOCK = 1 << 20
#: What changes when somebody writes to a file or puts another in its place.
Identity = tuple[int, int, int, int, int]


def identity_of(descriptor: int) -> Identity:
    """The identity of an open file."""
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that was found right, and is read while nobody changes it."""

    descriptor: int
    identity: Identity
    path: str
    #: Bytes that are read and sent at a time: what a slow reader keeps in memory.
    block: int = 1 << 18

    async def read(self, place: int, count: int) -> bytes:
        """At most `count` bytes from a place on.

        Raises:
            StoreDamaged: the file was changed.
        """
        block = await asyncio.get_running_loop().run_in_executor(None, os.pread, self.descriptor, count, place)
        if not block or identity_of(self.descriptor) != self.identity:
            raise StoreDamaged(f"{self.path} was changed while it was sent")
        return block

    def close(self) -> None:
        """Let the file go."""
        os.close(self.descriptor)


class IntactFiles:
    """Opens files of tables in a folder, and remembers which of them were read through and found right."""

    def __init__(self, tables: Path) -> None:
        self._tables = tables
        self._digests: OrderedDict[Identity, asyncio.Task[str]] = OrderedDict()

    async def open(self, table_id: str, file: DataFile) -> OpenFile:
        """A table's file; who calls closes it.

        Raises:
            StoreDamaged: it is missing, lies elsewhere, or its bytes aren't those that were written.
        """
        descriptor = await asyncio.to_thread(_opened, self._tables / table_id, file)
        try:
            identity = identity_of(descriptor)
            if identity[2] != file.size:
                raise StoreDamaged(f"{file.path} has {identity[2]} bytes instead of {file.size}")
            if await self._digest(identity, descriptor) != file.sha256:
                raise StoreDamaged(f"{file.path} has other bytes than were written")
        except BaseException:
            os.close(descriptor)
            raise
        return OpenFile(descriptor, identity, file.path)

    async def _digest(self, identity: Identity, descriptor: int) -> str:
        """The SHA-256 of the bytes; many readers of one new file wait for one reading."""
        task = self._digests.get(identity)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            copy = os.dup(descriptor)
            task = self._digests[identity] = asyncio.create_task(asyncio.to_thread(_digest_and_close, copy))
            if len(self._digests) > _KEPT:
                self._digests.popitem(last=False)
        return await asyncio.shield(task)


def _opened(folder: Path, file: DataFile) -> int:
    place = (folder / unquote(file.path)).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise StoreDamaged(f"{file.path} leads out of its table")
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise StoreDamaged(f"{file.path} can't be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StoreDamaged(f"{file.path} is no file")
    return descriptor


def _digest_and_close(descriptor: int) -> str:
    digest, place = hashlib.sha256(), 0
    try:
        while block := os.pread(descriptor, _BLOCK, place):
            digest.update(block)
            place += len(block)
    finally:
        os.close(descriptor)
    return digest.hexdigest()
