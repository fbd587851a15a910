"""The bucket of an S3 store that has the tables, where the pipeline says so (objects.json): read and signed for."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import S3Store

from opendata_sharing.errors import StoreDamaged, StoreUnusable

if TYPE_CHECKING:
    from obstore.store import S3Config  # its types alone have it

_LOG = logging.getLogger("uvicorn.error")
#: A bureau waits for an answer: a store that is silent for so long is told of rather than waited for.
_SILENCE, _RETRIES, _PATIENCE = "15s", 2, timedelta(seconds=20)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Which bucket, and how bureaus get files of it: `gateway`, through this server, or `presigned`, from the store."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    addresses: str


def read_place(file: Path) -> Place | None:
    """What objects.json says; None where there is none, and tables lie in the store's folder.

    Raises:
        StoreUnusable: it can't be read.
    """
    try:
        known = json.loads(file.read_text("utf-8"))
        return Place(**{field.name: str(known[field.name]) for field in fields(Place)})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreUnusable(f"{file.name} can't be read: let the pipeline publish, which writes it anew") from error


class Bucket:
    """The objects below a place's prefix; the keys to them are in the environment (AWS_ACCESS_KEY_ID and so on)."""

    def __init__(self, place: Place) -> None:
        config: S3Config = {"region": place.region}
        if place.endpoint:
            config["endpoint"] = place.endpoint
        self._store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            config=config,
            client_options={"allow_http": True, "timeout": "60s", "read_timeout": _SILENCE, "connect_timeout": "5s"},
            retry_config={"max_retries": _RETRIES, "retry_timeout": _PATIENCE},
        )

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """The store's own words go to this server's log: they have addresses that are nobody else's business."""
        try:
            yield
        except FileNotFoundError as error:
            raise StoreDamaged(f"{path} is missing") from error
        except PreconditionError as error:
            raise StoreDamaged(f"{path} was changed while it was read") from error
        except (BaseError, PermissionError) as error:
            _LOG.error("the bucket: %s", str(error).partition("\n")[0])
            raise StoreDamaged(f"{path} can't be had from the bucket: {type(error).__name__}") from error

    async def list(self, prefix: str) -> dict[str, int]:
        """Path → bytes, of all objects below a prefix.

        Raises:
            StoreDamaged: the bucket can't be read.
        """
        with self._told(prefix):
            return {one["path"]: one["size"] for one in await obstore.list(self._store, prefix).collect_async()}

    async def read(self, path: str) -> bytes:
        """A small object.

        Raises:
            StoreDamaged: it can't be read.
        """
        with self._told(path):
            return bytes(await (await obstore.get_async(self._store, path)).bytes_async())

    async def look_up(self, path: str) -> tuple[int, str]:
        """Bytes and tag of an object; who puts another in its place gives it another tag.

        Raises:
            StoreDamaged: there is none, or the bucket can't be read.
        """
        with self._told(path):
            found = await obstore.head_async(self._store, path)
        if found["e_tag"] is None:
            raise StoreDamaged(f"{path} has no tag")
        return found["size"], found["e_tag"]

    async def part(self, path: str, tag: str, start: int, end: int) -> bytes:
        """Bytes `start` to before `end` of the object that has the tag.

        Raises:
            StoreDamaged: it is another by now, or can't be read.
        """
        with self._told(path):
            got = await obstore.get_async(self._store, path, options={"range": (start, end), "if_match": tag})
            return bytes(await got.bytes_async())

    async def blocks(self, path: str, tag: str) -> AsyncIterator[memoryview]:
        """The bytes of the object that has the tag, from the first to the last.

        Raises:
            StoreDamaged: it is another by now, or can't be read.
        """
        with self._told(path):
            got = await obstore.get_async(self._store, path, options={"if_match": tag})
            async for block in got.stream(min_chunk_size=_BLOCK):
                yield memoryview(block)

    def sign(self, path: str, seconds: int) -> str:
        """An address by which anybody may GET the object for so many seconds (Signature Version 4).

        Raises:
            StoreDamaged: there are no keys to sign with.
        """
        with self._told(path):
            return str(obstore.sign(self._store, "GET", path, timedelta(seconds=seconds)))
