"""A bucket of an S3 store: objects are put, read, listed and removed, and a failure says where and what to do."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from pipelines.home import disk_failure, to_disk
from resource_catalog.errors import OutsideError
from resource_catalog.sharing_settings import ObjectStore

if TYPE_CHECKING:
    from obstore.store import S3Config  # its types alone have it

#: An answer may take this long to begin or go on, and a call is repeated so often while the store fails.
_SILENCE, _RETRIES, _PATIENCE = "60s", 5, timedelta(seconds=60)
_BLOCK = 8 << 20
_FAILURES = (BaseError, FileNotFoundError, PermissionError)
_SAID = re.compile("<Code>(.*?)</Code>.*<Message>(.*?)</Message>")
_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to keys that may list, read, write and remove there"
_REACH = "see that the store answers and that targets.sharing.objects in agency.yaml names it right, then run again"


def _why(error: Exception) -> str:
    """What the store says, or what the library says of it, without the rest."""
    said = str(error).partition("\n")[0]
    own = _SAID.search(said)
    return f"{own[1]}: {own[2]}" if own else said[:300]


@dataclass(frozen=True)
class Listed:
    """An object as a listing tells it: bytes, and when it was written."""

    size: int
    at: datetime


class Bucket:
    """The objects of a bucket below a prefix; who may use them says the environment (AWS_ACCESS_KEY_ID and so on)."""

    def __init__(self, settings: ObjectStore) -> None:
        self._settings = settings
        self.where = "/".join(one for one in ("s3:/", settings.bucket, settings.prefix) if one)
        config: S3Config = {"region": settings.region, "disable_bulk_delete": True}  # not every store knows it
        if settings.endpoint:
            config["endpoint"] = settings.endpoint
        self._store = S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            config=config,
            client_options={"allow_http": True, "timeout": "24h", "read_timeout": _SILENCE, "connect_timeout": "10s"},
            retry_config={"max_retries": _RETRIES, "retry_timeout": _PATIENCE},
        )

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except _FAILURES as error:
            refused = isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError)
            raise OutsideError(f"{what}: {_why(error)}", where=self.where, fix=_KEYS if refused else _REACH) from error

    def list(self, prefix: str = "") -> dict[str, Listed]:
        """Path → object, of all below a prefix."""
        with self._told("the bucket can't be listed"):
            return {
                one["path"]: Listed(one["size"], one["last_modified"])
                for some in obstore.list(self._store, prefix or None)
                for one in some
            }

    def size(self, path: str) -> int | None:
        """Bytes of an object; None where there is none."""
        with self._told(f"{path} can't be looked up"):
            try:
                return obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None

    def read(self, path: str) -> bytes:
        """A small object."""
        with self._told(f"{path} can't be read"):
            return bytes(obstore.get(self._store, path).bytes())

    def _blocks(self, path: str) -> Iterator[memoryview]:
        for block in obstore.get(self._store, path).stream(min_chunk_size=_BLOCK):
            yield memoryview(block)

    def fetch(self, path: str, file: Path) -> None:
        """An object as a file, which is whole or not there."""
        draft = file.with_name(f".{os.getpid()}-{os.urandom(4).hex()}.draft")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as opened, self._told(f"{path} can't be read"):
                for block in self._blocks(path):
                    opened.write(block)
            to_disk(draft)
            draft.rename(file)
        except OSError as error:
            raise disk_failure("what the bucket has could not be copied", file, error) from error
        finally:
            draft.unlink(missing_ok=True)

    def digest(self, path: str) -> tuple[int, str] | None:
        """Bytes and SHA-256 (hex) of an object, read from its first byte to its last; None where there is none."""
        digest, size = hashlib.sha256(), 0
        with self._told(f"{path} can't be read"):
            try:
                for block in self._blocks(path):
                    digest.update(block)
                    size += len(block)
            except FileNotFoundError:
                return None
        return size, digest.hexdigest()

    def send(self, file: Path, path: str) -> None:
        """Put a file; the signature of each part is over its SHA-256, so that the store refuses other bytes."""
        with self._told(f"{path} can't be written"):
            obstore.put(self._store, path, file, chunk_size=_BLOCK)

    def put(self, path: str, content: bytes) -> bool:
        """Put a small object in the place of the one before; whether the bucket would keep that one as a version."""
        with self._told(f"{path} can't be written"):
            made = obstore.put(self._store, path, content, use_multipart=False)
        return made["version"] not in (None, "null")

    def create(self, path: str, content: bytes) -> bool:
        """Put a small object if there is none; whether this call did.

        `content` is nobody else's. So a call whose answer was lost, and one that was sent twice, is found out about.
        """
        if self._settings.single_writer:
            if self.size(path) is not None:
                return False
            self.put(path, content)
            return True
        with self._told(f"{path} can't be written"):
            try:
                obstore.put(self._store, path, content, mode="create")
            except AlreadyExistsError:
                return self.read(path) == content
            except BaseError:
                if self.size(path) is not None and self.read(path) == content:
                    return True
                raise
        return True

    def remove(self, paths: Collection[str]) -> None:
        """Remove objects, and ask for each whether it is gone.

        Raises:
            OutsideError: one is still there.
        """
        for path in paths:
            with self._told(f"{path} can't be removed"):
                try:
                    obstore.delete(self._store, path)
                except FileNotFoundError:
                    continue
        left = [path for path in paths if self.size(path) is not None]
        if left:
            fix = "see whether the bucket forbids it (object lock, retention), then run again"
            raise OutsideError(f"{len(left)} objects are still there, {left[0]} first", where=self.where, fix=fix)

    def reader(self, path: str) -> tuple[str, Mapping[str, str]]:
        """Address and options of a table for deltalake, which takes the keys from the environment as well."""
        settings = self._settings
        options = {"AWS_REGION": settings.region, "AWS_ALLOW_HTTP": "true"}
        if settings.endpoint:
            options["AWS_ENDPOINT_URL"] = settings.endpoint
        return f"{self.where}/{path}", options
