"""Sharing servers in processes of their own, and calls to them by plain HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from tests.sharing_store import SharingStore

_SILENT = urllib3.PoolManager(retries=False, timeout=30)


@dataclass
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.body.splitlines()]

    def code(self) -> str:
        return str(self.json()["errorCode"])


@dataclass
class RunningServer:
    """One instance; `endpoint` is what a profile has."""

    endpoint: str
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return self.endpoint.removesuffix("/delta-sharing")

    def call(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One call; `path` is below the endpoint, or a whole address. A body that isn't bytes is sent as JSON."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        target = path if path.startswith("http") else self.endpoint + path
        got = _SILENT.request(method, target, headers=sent, body=data, redirect=False)
        return Response(got.status, {name.lower(): value for name, value in got.headers.items()}, got.data)

    def get(self, path: str, token: str | None = None, **headers: str) -> Response:
        return self.call("GET", path, token, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def query(self, table: str, token: str, body: object = None, **headers: str) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", f"{table}/query", token, {} if body is None else body, sent)


def table_path(store: SharingStore, name: str) -> str:
    """The path of a table below the endpoint."""
    return f"/shares/{store.share}/schemas/resources/tables/{name}"


def urls(response: Response, kind: str = "file") -> list[str]:
    """The addresses of the files that an answer in the parquet format names."""
    return [line[kind]["url"] for line in response.lines() if kind in line]


@contextmanager
def running_server(store: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[RunningServer]:
    """A server over the store, on a free port."""
    environment = os.environ | {f"OPENDATA_SHARING_{name.upper()}": value for name, value in (settings or {}).items()}
    command = [sys.executable, "-m", "opendata_sharing", "--store", str(store), "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            endpoint = process.stdout.readline().strip()
            assert endpoint, "the server did not start"
            yield RunningServer(endpoint, process)
        finally:
            process.terminate()
            process.wait(20)
