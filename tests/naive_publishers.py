"""What portals are fed with today, as baselines for the oracle reader: a script on ckanapi, and ckanext-xloader.

Both are well meant: types from the schema, hashes sent along, one release after the other, every call waited for.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckanapi import NotFound, RemoteCKAN

from tests.known_releases import read_table, release_files

BATCH = 10_000
_COLUMN_TYPES = {
    "integer": "bigint",
    "number": "numeric",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
}
_SECONDS_TO_LOAD, _SECONDS_BETWEEN_LOOKS = 600, 0.2


@dataclass
class NaivePublisher:
    """Replaces a dataset's files, table and metadata one after the other.

    Args:
        url: The portal's address.
        token: A token that may write there.
        organization: The name or id of the dataset's organisation.
        dataset: The dataset's name.
        roles: Which of a release's files are published.
    """

    url: str
    token: str = field(repr=False)
    organization: str
    dataset: str
    roles: Sequence[str] = ("csv", "jsonl", "parquet")
    ids: dict[str, str] = field(default_factory=dict)

    def publish(self, release: Path) -> None:
        """Publish a release's folder; the first makes the dataset."""
        with RemoteCKAN(self.url, apikey=self.token) as portal:
            if self.ids:
                self._replace(portal, release)
            else:
                self._make(portal, release)

    def _make(self, portal: RemoteCKAN, release: Path) -> None:
        named = {"name": self.dataset, "title": self.dataset, "owner_org": self.organization}
        made = portal.action.package_create(**named, extras=_marker(release))
        for role, uploaded in _uploads(release, self.roles):
            resource = portal.action.resource_create(package_id=made["id"], name=role, format=role.upper(), **uploaded)
            self.ids[role] = resource["id"]
        self._load(portal, release)

    def _replace(self, portal: RemoteCKAN, release: Path) -> None:
        for role, uploaded in _uploads(release, self.roles):
            portal.action.resource_patch(id=self.ids[role], **uploaded)
        self._load(portal, release)
        portal.action.package_patch(id=self.dataset, extras=_marker(release))

    def _load(self, portal: RemoteCKAN, release: Path) -> None:
        raise NotImplementedError


class CkanapiScript(NaivePublisher):
    """Deletes the table, makes it anew, and sends its rows in batches."""

    def _load(self, portal: RemoteCKAN, release: Path) -> None:
        fields, rows = read_table(release)
        names = [one["name"] for one in fields]
        columns = [{"id": one["name"], "type": _COLUMN_TYPES.get(one["type"], "text")} for one in fields]
        table = self.ids["csv"]
        if portal.action.resource_show(id=table)["datastore_active"]:
            portal.action.datastore_delete(resource_id=table, force=True)
        portal.action.datastore_create(resource_id=table, fields=columns, force=True)
        for start in range(0, len(rows), BATCH):
            records = [_record(names, row) for row in rows[start : start + BATCH]]
            portal.action.datastore_upsert(resource_id=table, records=records, method="insert", force=True)


@dataclass
class XloaderPublisher(NaivePublisher):
    """Uploads the file and leaves the table to ckanext-xloader, and waits for its job; `job`: the last that ended."""

    job: str | None = None

    def _load(self, portal: RemoteCKAN, release: Path) -> None:
        table = self.ids["csv"]
        if self._state(portal)[0] == self.job:  # the upload alone has not started one
            portal.action.xloader_submit(resource_id=table, ignore_hash=True)
        end = time.monotonic() + _SECONDS_TO_LOAD
        job, state = self._state(portal)
        while job in {None, self.job} or state not in {"complete", "error"}:
            if time.monotonic() > end:
                raise RuntimeError(f"ckanext-xloader's job for release {release.name} is {state} and does not end")
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            job, state = self._state(portal)
        if state == "error":
            raise RuntimeError(f"ckanext-xloader's job for release {release.name} failed")
        self.job = job

    def _state(self, portal: RemoteCKAN) -> tuple[str | None, str]:
        """The last job for the table, and where it stands."""
        try:
            status = portal.action.xloader_status(resource_id=self.ids["csv"])
        except NotFound:
            return None, "not started"
        return status["job_id"], status["status"]


def _marker(release: Path) -> list[dict[str, str]]:
    return [{"key": "release", "value": release.name}]


def _record(names: Sequence[str], row: Sequence[str]) -> dict[str, str | None]:
    return {name: value or None for name, value in zip(names, row, strict=True)}


def _uploads(release: Path, roles: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Role → what is sent with its file; the file keeps its name in every release."""
    files = release_files(release)
    for role in roles:
        digest = hashlib.sha256(files[role].read_bytes()).hexdigest()
        with files[role].open("rb") as upload:
            yield role, {"upload": upload, "hash": digest}
