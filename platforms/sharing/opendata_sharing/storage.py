"""Where the tables lie, and so how they are read, how files are had, and which addresses are given out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from opendata_sharing.addresses import Addresses, GatewayAddresses, ObjectAddresses
from opendata_sharing.bucket import Bucket, read_place
from opendata_sharing.errors import StoreUnusable
from opendata_sharing.far_tables import FarTables
from opendata_sharing.intact_files import IntactFiles
from opendata_sharing.intact_objects import IntactObjects
from opendata_sharing.records import DataFile
from opendata_sharing.settings import Settings
from opendata_sharing.tables import Tables

#: No S3 store lets a signature live longer.
_LONGEST = 7 * 24 * 3600


class OpenedFile(Protocol):
    """A file that was found intact, and is read while it stays so."""

    #: Bytes to read at a time.
    @property
    def block(self) -> int: ...  # noqa: D102  the line above says it

    async def read(self, place: int, count: int) -> bytes:
        """At most `count` bytes from a place on.

        Raises:
            StoreDamaged: the file was changed.
        """
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class Files(Protocol):
    """The data files of the tables."""

    async def open(self, table_id: str, file: DataFile) -> OpenedFile:
        """A file of a table.

        Raises:
            StoreDamaged: it isn't what the pipeline wrote.
        """
        ...


@dataclass(frozen=True)
class Storage:
    """The tables and files of a store, and the addresses of these."""

    tables: Tables
    files: Files
    addresses: Addresses


def open_storage(settings: Settings, gateway: GatewayAddresses) -> Storage:
    """The storage that objects.json names; the store's folder where there is none.

    Raises:
        StoreUnusable: objects.json can't be read, or presigned addresses were to live longer than any store lets them.
    """
    place = read_place(place_file(settings.store))
    if place is None:
        folder = settings.store / "tables"
        return Storage(Tables(folder), IntactFiles(folder), gateway)
    if not 0 < settings.presigned_seconds <= _LONGEST:
        raise StoreUnusable(f"OPENDATA_SHARING_PRESIGNED_SECONDS must lie between 1 and {_LONGEST}")
    bucket = Bucket(place)
    presigned = place.addresses == "presigned"
    addresses = ObjectAddresses(bucket.sign, settings.presigned_seconds) if presigned else gateway
    return Storage(FarTables(bucket, sized=presigned), IntactObjects(bucket), addresses)


def place_file(store: Path) -> Path:
    """Says where tables lie if not in the store's folder; STORE.md has its form."""
    return store / "objects.json"
