"""What portals are fed with today, as baselines for the oracle reader: a script on ckanapi, and ckanext-xloader.

Both are well meant: types from the schema, hashes sent along, one release after the other, every call waited for.
"""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

import requests
from ckanapi import CKANAPIError, NotFound, RemoteCKAN

from tests.known_releases import read_table, release_files

BATCH = 10_000
_COLUMN_TYPES = {
    "integer": "bigint",
    "number": "numeric",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
}
_SECONDS_BETWEEN_LOOKS = 0.2


class PublisherHangs(Exception):  # noqa: N818 - it is no error of the program's
    """The portal does not answer, or does not end what it began."""


@dataclass
class NaivePublisher:
    """Replaces a dataset's files, table and metadata one after the other.

    Args:
        url: The portal's address.
        token: A token that may write there.
        organization: The name or id of the dataset's organisation.
        dataset: The dataset's name.
        roles: Which of a release's files are published.
        patience: Seconds to wait for an answer, or for a load; ckanapi alone would wait for ever.
    """

    url: str
    token: str = field(repr=False)
    organization: str
    dataset: str
    roles: Sequence[str] = ("csv", "jsonl", "parquet")
    patience: float = 600.0
    ids: dict[str, str] = field(default_factory=dict)

    def publish(self, release: Path) -> None:
        """Publish a release's folder; the first makes the dataset.

        Raises:
            PublisherHangs: the portal kept it waiting for longer than `patience`.
        """
        if not self.ids:
            named: dict[str, Any] = {"name": self.dataset, "title": self.dataset, "owner_org": self.organization}
            self.call("package_create", **named, extras=_marker(release))
        for role, upload, digest in _uploads(release, self.roles):
            if role in self.ids:
                self.call("resource_patch", upload, id=self.ids[role], hash=digest)
            else:
                named = {"package_id": self.dataset, "name": role, "format": role.upper(), "hash": digest}
                self.ids[role] = self.call("resource_create", upload, **named)["id"]
        self.load(release)
        self.call("package_patch", id=self.dataset, extras=_marker(release))

    def call(self, action: str, upload: IO[bytes] | None = None, **data: Any) -> Any:
        """What an action answers."""
        files = {"upload": upload} if upload else None
        with RemoteCKAN(self.url, apikey=self.token) as portal:
            try:
                return portal.call_action(action, data, files=files, requests_kwargs={"timeout": self.patience})
            except requests.Timeout as error:
                raise PublisherHangs(f"{action} does not answer within {self.patience:.0f} s") from error

    def load(self, release: Path) -> None:
        """Bring the release's rows into the table of its CSV resource."""
        raise NotImplementedError


@dataclass
class CkanapiScript(NaivePublisher):
    """Deletes the table, makes it anew, and sends its rows in batches: inserted, or upserted by a `key` of columns."""

    key: Sequence[str] = ()

    def load(self, release: Path) -> None:
        fields, rows = read_table(release)
        names = [one["name"] for one in fields]
        columns = [{"id": one["name"], "type": _COLUMN_TYPES.get(one["type"], "text")} for one in fields]
        table: dict[str, Any] = {"resource_id": self.ids["csv"], "force": True}
        if self.call("resource_show", id=self.ids["csv"])["datastore_active"]:
            self.call("datastore_delete", **table)
        keyed: dict[str, Any] = {"primary_key": list(self.key)} if self.key else {}
        self.call("datastore_create", **table, fields=columns, **keyed)
        method = "upsert" if self.key else "insert"
        for start in range(0, len(rows), BATCH):
            records = [_record(names, row) for row in rows[start : start + BATCH]]
            self.call("datastore_upsert", **table, records=records, method=method)


@dataclass
class XloaderPublisher(NaivePublisher):
    """Uploads the file and leaves the table to ckanext-xloader, and waits for its job; `job`: the last that ended."""

    job: str | None = None

    def load(self, release: Path) -> None:
        if self._state()[0] == self.job:  # the upload alone has not started one
            self.call("xloader_submit", resource_id=self.ids["csv"], ignore_hash=True)
        end = time.monotonic() + self.patience
        job, state = self._state()
        while job in {None, self.job} or state not in {"complete", "error"}:
            if time.monotonic() > end:
                raise PublisherHangs(f"xloader's job is {state} and does not end within {self.patience:.0f} s")
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            job, state = self._state()
        if state == "error":
            raise RuntimeError(f"ckanext-xloader's job for release {release.name} failed")
        self.job = job

    def _state(self) -> tuple[str | None, str]:
        """The last job for the table, and where it stands; a portal that fails to tell is asked again."""
        end = time.monotonic() + self.patience
        while True:
            try:
                status = self.call("xloader_status", resource_id=self.ids["csv"])
                return status["job_id"], status["status"]
            except NotFound:
                return None, "not started"
            except CKANAPIError as error:
                # Its answer makes its own tables where they are missing (`create_all` in ckanext/xloader/db.py), as its
                # worker does with the first job; where both do at once, PostgreSQL refuses one, which answers 500.
                if not _is_server_error(error):
                    raise
                if time.monotonic() > end:
                    raise PublisherHangs(f"xloader_status fails for {self.patience:.0f} s") from error
            time.sleep(_SECONDS_BETWEEN_LOOKS)


def _is_server_error(error: CKANAPIError) -> bool:
    """Whether the server said 500; ckanapi keeps address, status and text as the words of a list."""
    return type(error) is CKANAPIError and ast.literal_eval(error.extra_msg)[1] == HTTPStatus.INTERNAL_SERVER_ERROR


def _marker(release: Path) -> list[dict[str, str]]:
    return [{"key": "release", "value": release.name}]


def _record(names: Sequence[str], row: Sequence[str]) -> dict[str, str | None]:
    return {name: value or None for name, value in zip(names, row, strict=True)}


def _uploads(release: Path, roles: Sequence[str]) -> Iterator[tuple[str, IO[bytes], str]]:
    """Role, file and SHA-256; the file keeps its name in every release."""
    files = release_files(release)
    for role in roles:
        digest = hashlib.sha256(files[role].read_bytes()).hexdigest()
        with files[role].open("rb") as upload:
            yield role, upload, digest
