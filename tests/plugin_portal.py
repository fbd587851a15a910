"""A real CKAN with this project's plugin, and what its tests do to it: call it, ask its databases, end its servers."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import requests

from tests.portal_factory import Portal

_SECONDS = 120
_SETTINGS = (
    "ckan.datastore.sqlsearch.enabled=true",
    # Beyond these a switch gives up, and a table is too large.
    "ckanext.release.lock_wait=4",
    "ckanext.release.max_upload_size=8",
)
FIELDS = [
    {"id": "决定书文号", "type": "text", "info": {"label": "行政许可决定书文号", "notes": "一事一号"}},
    {"id": "数量", "type": "bigint", "info": {"label": "数量"}},
    {"id": "内容", "type": "text"},
]


@dataclass(frozen=True)
class Answer:
    """What an action answered: the HTTP status, and its result or its error."""

    status: int
    body: Any

    def done(self) -> Any:
        """The result of a call that must have succeeded."""
        assert self.status == 200, (self.status, self.body)
        return self.body


def csv_bytes(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A file of rows as RFC 4180 has it."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


@dataclass
class Dataset:
    """A dataset with one resource whose table is switched."""

    portal: PluginPortal
    name: str
    id: str
    resource_id: str

    def load(self, rows: bytes, **parameters: Any) -> Answer:
        """Load a table that waits."""
        asked: dict[str, Any] = {"resource_id": self.resource_id, "fields": FIELDS, "primary_key": ["决定书文号"]}
        return self.portal.call("release_load", upload=rows, **{**asked, **parameters})

    def load_release(self, release: int, rows: int = 3) -> str:
        """Load rows that all say which release they are of; the token by which they are switched to."""
        lines = [(f"{number}号", release, f"第{release}版 食品") for number in range(rows)]
        loaded = self.load(csv_bytes(["决定书文号", "数量", "内容"], lines)).done()
        assert loaded["rows"] == rows
        return str(loaded["twin"])

    def switch(self, twin: str, title: str, **match: Any) -> Answer:
        """Switch to a waiting table and a new title."""
        revise = {"match": {"id": self.id, **match}, "update": {"title": title}}
        return self.portal.call("release_switch", revise=revise, tables={self.resource_id: twin})

    def publish(self, release: int, rows: int = 3) -> None:
        """Load a release and switch to it."""
        self.switch(self.load_release(release, rows), f"第{release}版").done()

    def state(self) -> tuple[str, set[int]]:
        """What everybody sees: the title, and which releases the rows are of."""
        title = self.portal.call("package_show", account=None, id=self.id).done()["title"]
        return title, {record["数量"] for record in self.records()}

    def records(self, **parameters: Any) -> list[dict[str, Any]]:
        """The rows that everybody sees."""
        found = self.portal.call("datastore_search", account=None, resource_id=self.resource_id, **parameters)
        return list(found.done()["records"])


@dataclass
class PluginPortal:
    """A portal that has the plugin."""

    portal: Portal

    def call(self, action: str, upload: bytes | None = None, account: str | None = "editor", **words: Any) -> Answer:
        """Call an action, as an account or as nobody."""
        headers = {"Authorization": self.portal.token(account)} if account else {}
        body: dict[str, Any] = {"json": words}
        if upload is not None:
            form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in words.items()}
            body = {"data": form, "files": {"upload": ("rows.csv", upload)}}
        with requests.Session() as session:
            answer = session.post(f"{self.portal.url}/api/3/action/{action}", headers=headers, timeout=_SECONDS, **body)
        if not answer.headers["Content-Type"].startswith("application/json"):
            return Answer(answer.status_code, answer.text)
        content = answer.json()
        return Answer(answer.status_code, content["result"] if content.get("success") else content.get("error"))

    @contextmanager
    def connected(self, database: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection to a database as its superuser."""
        kept = json.loads((self.portal.folder / "portal.json").read_text("utf-8"))
        with psycopg.connect(kept["databases"][database]) as connection:
            yield connection

    def sql(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and commit; the rows that it gives."""
        with self.connected(database) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def make_dataset(self) -> Dataset:
        """A public dataset of the editor's organisation with one resource."""
        name = f"dataset-{uuid.uuid4().hex[:8]}"
        resource = {"name": "csv", "url": "http://127.0.0.1/rows.csv", "format": "CSV"}
        made = self.call("package_create", name=name, title="空", owner_org="own-agency", resources=[resource]).done()
        return Dataset(self, name, made["id"], made["resources"][0]["id"])

    def waiting_tables(self) -> list[str]:
        """The tables that wait out of readers' reach."""
        query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace('ckanext_release')"
        return [name for (name,) in self.sql("datastore", query)]


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; it fails where it never is."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        threading.Event().wait(0.05)


@contextmanager
def plugin_on(portal: Portal, two_phase: bool) -> Iterator[PluginPortal]:
    """The emptied portal with the plugin, and with a PostgreSQL that allows two-phase commit, or not, as is usual."""
    given = PluginPortal(portal)
    portal.set_back(*_SETTINGS, plugins=("release",))
    if not two_phase:
        yield given
        return
    _restart_postgresql(given, "SET max_prepared_transactions = 8")
    try:
        yield given
    finally:
        portal.control("start", "postgres")
        _restart_postgresql(given, "RESET max_prepared_transactions")


def _restart_postgresql(portal: PluginPortal, change: str) -> None:
    with portal.connected("ckan") as connection:
        connection.autocommit = True
        connection.execute(f"ALTER SYSTEM {change}".encode())
        # A server that may prepare nothing does not start over a log that tells of prepared transactions.
        connection.execute("CHECKPOINT")
    portal.portal.control("kill", "ckan", "postgres")
    portal.portal.control("start", "postgres", "ckan")
