"""Reading a data file of a bucket only while it still is what the pipeline wrote: with its size and its bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import unquote

from opendata_sharing.bucket import Bucket
from opendata_sharing.errors import StoreDamaged
from opendata_sharing.records import DataFile

_KEPT = 100_000
#: Bytes of one request to the store: what a slow reader keeps in memory.
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenObject:
    """An object that was found right; each part is had of the object with that tag, and of no other."""

    bucket: Bucket
    path: str
    tag: str
    block: int = _BLOCK

    async def read(self, place: int, count: int) -> bytes:
        """At most `count` bytes from a place on.

        Raises:
            StoreDamaged: it was changed, or can't be read.
        """
        return await self.bucket.part(self.path, self.tag, place, place + count)

    def close(self) -> None:
        """Nothing is held."""


class IntactObjects:
    """Opens objects, and remembers which of them were read through and found right."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._digests: OrderedDict[tuple[str, str], asyncio.Task[str]] = OrderedDict()

    async def open(self, table_id: str, file: DataFile) -> OpenObject:
        """A table's file.

        Raises:
            StoreDamaged: it is missing, lies elsewhere, or its bytes aren't those that were written.
        """
        path = f"{table_id}/{unquote(file.path)}"
        if ".." in path.split("/"):
            raise StoreDamaged(f"{file.path} leads out of its table")
        size, tag = await self._bucket.look_up(path)
        if size != file.size:
            raise StoreDamaged(f"{file.path} has {size} bytes instead of {file.size}")
        if await self._digest(path, tag) != file.sha256:
            raise StoreDamaged(f"{file.path} has other bytes than were written")
        return OpenObject(self._bucket, path, tag)

    async def _digest(self, path: str, tag: str) -> str:
        """The SHA-256 of the bytes; many readers of one new object wait for one reading."""
        task = self._digests.get((path, tag))
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._digests[path, tag] = asyncio.create_task(self._read_through(path, tag))
            if len(self._digests) > _KEPT:
                self._digests.popitem(last=False)
        return await asyncio.shield(task)

    async def _read_through(self, path: str, tag: str) -> str:
        digest = hashlib.sha256()
        async for block in self._bucket.blocks(path, tag):
            digest.update(block)
        return digest.hexdigest()
