"""A table as CKAN's dump gives it, counted up: the quick look, by which most tables are known to be as they should be.

Rows come as they leave PostgreSQL, where the action API would wrap them in JSON at the one end, to be unwrapped at the
other. Whatever is odd about a dump says nothing about the table, which is then read by the API.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlencode

import duckdb

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import PortalError
from pipelines.targets.ckan.pages import PageReader
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_tables import Checksum, checksum_of, read_csv

#: Cells of a part that is asked for at once: some 20 MB of text.
_CELLS = 800_000


class _NoDumpError(Exception):
    """The portal gives another thing than the table's dump."""


def dumps_release(client: Client, resource: str, release: ReleaseRows, *, anonymous: bool) -> bool:
    """Whether the table's dump has the release's columns and rows; where not, the table has to be read to say more."""
    try:
        return _dumped(client, resource, release, anonymous) == release.checksum
    except (_NoDumpError, PortalError, duckdb.Error):
        return False


def _dumped(client: Client, resource: str, release: ReleaseRows, anonymous: bool) -> Checksum:
    ids = ["_id", *(column.id for column in release.table.columns)]
    kinds = {"_id": "BIGINT"} | dict.fromkeys(ids[1:], "VARCHAR")
    found = Checksum(0, 0, 0)

    def fetch(offset: int, limit: int, file: Path) -> int:
        asked = urlencode({"format": "csv", "sort": "_id", "offset": offset, "limit": limit})
        dump = file.with_suffix(".dump")
        status = client.try_save(f"/datastore/dump/{resource}?{asked}", dump, anonymous=anonymous)
        if status != 200 or _cut(dump, file) != ids:
            raise _NoDumpError
        return limit

    def take(page: Path) -> int:
        nonlocal found
        rows = checksum_of(release.connection, release.table, read_csv(page, kinds, header=False))
        found += rows
        page.unlink()
        return rows.rows

    reader = PageReader(fetch, Path(tempfile.mkdtemp(prefix="dump-", dir=release.folder)))
    reader.read(max(1_000, _CELLS // len(ids)), release.checksum.rows, take)
    return found


def _cut(dump: Path, rows: Path) -> list[str]:
    """Give the rows a file of their own, since the first line ends otherwise than theirs; the columns that it names."""
    with dump.open("rb") as whole, rows.open("wb") as file:
        first = whole.readline()
        shutil.copyfileobj(whole, file, 1 << 20)
    dump.unlink()
    return next(csv.reader(io.StringIO(first.decode("utf-8", "replace"))), [])
