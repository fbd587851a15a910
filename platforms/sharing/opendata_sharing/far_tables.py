"""Tables that lie in a bucket: their logs are fetched when they are first asked for, and kept in a folder of ours."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from opendata_sharing.bucket import Bucket
from opendata_sharing.delta_log import Commit, Snapshot
from opendata_sharing.errors import StoreDamaged
from opendata_sharing.records import DataFile, Granted
from opendata_sharing.state import State
from opendata_sharing.tables import StillAway, Tables

_LOG = re.compile(r"_delta_log/(\d{20})\.(?:json|checkpoint(?:\.\d{10}\.\d{10})?\.parquet)")
#: Objects that are fetched at a time.
_AT_ONCE = 16


class FarTables(Tables):
    """Reads as `Tables` does, of copies; what is not there yet is told by `StillAway`, and brought by `fetch`.

    Args:
        bucket: Has the tables.
        sized: Whether files must have their size in the bucket, too, as it was listed: nobody looks at them later.
    """

    def __init__(self, bucket: Bucket, *, sized: bool) -> None:
        self._copies = TemporaryDirectory(prefix="opendata-sharing-")  # its owner's alone
        super().__init__(Path(self._copies.name))
        self._bucket = bucket
        self._sized = sized
        self._have: dict[str, int] = {}
        self._there: dict[str, Mapping[str, int]] = {}
        self._fetching: dict[str, asyncio.Lock] = {}

    def require(self, table_id: str, version: int) -> None:
        """Raises StillAway where the log is not here so far."""
        if self._have.get(table_id, -1) < version:
            raise StillAway(table_id, version)

    def look_at(self, table_id: str, files: Iterable[DataFile]) -> None:
        """Raises StoreDamaged where a file is missing in the bucket, or has another size."""
        for file in files if self._sized else ():
            found = self._there[table_id].get(unquote(file.path))
            if found != file.size:
                raise StoreDamaged(f"{file.path} has {found or 'no'} bytes in the bucket instead of {file.size}")

    def snapshot(self, state: State, granted: Granted, version: int) -> Snapshot:
        """As of `Tables`; what was found damaged is fetched anew for the next call."""
        try:
            return super().snapshot(state, granted, version)
        except StoreDamaged:
            self._have.pop(granted.table.id, None)
            raise

    def commit(self, state: State, granted: Granted, version: int) -> Commit:
        """As of `Tables`; what was found damaged is fetched anew for the next call."""
        try:
            return super().commit(state, granted, version)
        except StoreDamaged:
            self._have.pop(granted.table.id, None)
            raise

    async def fetch(self, table_id: str, version: int) -> None:
        """Have the log of a table here, up to a version.

        Raises:
            StoreDamaged: the bucket can't be read.
        """
        async with self._fetching.setdefault(table_id, asyncio.Lock()):
            if self._have.get(table_id, -1) >= version:
                return
            prefix = f"{table_id}/"
            there = {path.removeprefix(prefix): size for path, size in (await self._bucket.list(prefix)).items()}
            wanted = [path for path in there if (log := _LOG.fullmatch(path)) and int(log[1]) <= version]
            folder, turns = self.folder(table_id), asyncio.Semaphore(_AT_ONCE)
            (folder / "_delta_log").mkdir(parents=True, exist_ok=True)

            async def copy(path: str) -> None:
                file = folder / path
                if file.is_file() and file.stat().st_size == there[path]:
                    return
                async with turns:
                    content = await self._bucket.read(prefix + path)
                draft = file.with_suffix(".draft")
                draft.write_bytes(content)
                os.replace(draft, file)  # noqa: PTH105  in one step, over a damaged one as well

            await asyncio.gather(*map(copy, wanted))
            self._there[table_id] = there
            self._have[table_id] = version
