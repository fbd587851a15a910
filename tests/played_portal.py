"""A small portal in this process that shows readers whatever a test tells it to: whole releases and torn ones."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.known_releases import KnownRelease, Table

DATASET = "licences"
TYPES = ("string", "integer")
COLUMNS = ("编号", "数量")
ROLES = ("csv", "jsonl")


def rows_of(number: int, count: int = 6) -> list[list[Any]]:
    """The rows of a release: half of them are those of every release, half are its own."""
    return [[f"{row:03d}", number * 100 + row if row % 2 else row] for row in range(count)]


def content_of(number: int, role: str) -> bytes:
    """The bytes of a release's file."""
    return f"{role} of release {number}\n".encode() * 40


def played_release(number: int) -> KnownRelease:
    """What readers know of a release that the portal can play."""
    files = {role: hashlib.sha256(content_of(number, role)).hexdigest() for role in ROLES}
    metadata = {"release": str(number), "title": f"许可 {number}"}
    return KnownRelease(number, metadata, files, Table.of(TYPES, rows_of(number)))


@dataclass
class PlayedPortal:
    """What the portal shows; a test changes it between reads, or by `before` in their midst.

    `fields` and `hashes` (by role; None: not listed) stand in the metadata instead of the release's, `more` among its
    resources; `answers`: action, "download" or "dump" → status and body given instead; `before`: the same → what is
    called first.
    """

    metadata: int = 1
    search: int | None = 1
    hits: int = 1
    files: dict[str, bytes] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str | None] = field(default_factory=dict)
    more: list[dict[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    total: int | None = None
    columns: Sequence[str] = COLUMNS
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def show(self, number: int) -> None:
        """Show a release, all of it."""
        self.metadata = number
        self.files = {role: content_of(number, role) for role in ROLES}
        self.rows = rows_of(number)
        self.search = number

    def package(self, number: int) -> dict[str, Any]:
        """The dataset as the API gives it."""
        resources = [
            {
                "id": f"resource-{role}",
                "name": role,
                "hash": digest,
                "url": f"{self.url}/dataset/{DATASET}/resource/resource-{role}/download/{role}",
            }
            for role, digest in {**played_release(number).files, **self.hashes}.items()
            if digest is not None
        ]
        extras = [{"key": "release", "value": str(number)}]
        named = {"id": "dataset-1", "name": DATASET, "title": f"许可 {number}"}
        return {**named, "extras": extras, "resources": [*resources, *self.more], **self.fields}

    def package_show(self, _query: dict[str, str]) -> Any:
        """The action of that name."""
        return self.package(self.metadata)

    def package_search(self, _query: dict[str, str]) -> Any:
        """The action of that name."""
        results = [] if self.search is None else [self.package(self.search)] * self.hits
        return {"count": len(results), "results": results}

    def datastore_search(self, query: dict[str, str]) -> Any:
        """The action of that name, with records as lists."""
        offset, limit = int(query["offset"]), int(query["limit"])
        page = [[number, *row] for number, row in enumerate(self.rows)][offset : offset + limit]
        fields = [{"id": name} for name in ("_id", *self.columns)]
        total = len(self.rows) if self.total is None else self.total
        return {"fields": fields, "records": page, "total": total}

    def datastore_search_sql(self, query: dict[str, str]) -> Any:
        """The action of that name: SELECT * … LIMIT n."""
        limit = int(query["sql"].rpartition(" ")[2])
        names = ("_id", "_full_text", *COLUMNS)
        records = [dict(zip(names, (1, "", *map(str, row)), strict=True)) for row in self.rows[:limit]]
        return {"fields": [{"id": name} for name in names], "records": records}

    def dump(self) -> bytes:
        """The table as CSV."""
        lines = [["_id", *COLUMNS], *([1, *row] for row in self.rows)]
        return "".join(",".join(map(str, line)) + "\r\n" for line in lines).encode("utf-8-sig")

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body for a GET."""
        parts = urlsplit(path)
        name = parts.path.split("/")[4] if parts.path.startswith("/api/") else parts.path.split("/")[2]
        name = "download" if "/download" in parts.path else "dump" if "/dump/" in parts.path else name
        self.seen.append((name, headers))
        self.before.get(name, lambda: None)()
        if name in self.answers:
            return self.answers[name]
        if name == "download":
            return 200, self.files[parts.path.split("/resource-")[1].split("/")[0]]
        if name == "dump":
            return 200, self.dump()
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return 200, json.dumps({"success": True, "result": getattr(self, name)(query)}).encode()


@contextmanager
def served(portal: PlayedPortal) -> Iterator[PlayedPortal]:
    """The portal on a free port of loopback, at its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
            status, body = portal.answer(self.path, dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status in {301, 302}:
                self.send_header("Location", body.decode())
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Keep what was asked out of the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        portal.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield portal
        finally:
            server.shutdown()
            thread.join()
