"""A large file goes to the portal and comes back piece by piece; one over the portal's limit is not sent at all."""

from __future__ import annotations

import hashlib
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import Description
from pipelines.targets.ckan.errors import TooLarge
from pipelines.targets.ckan.files import PublishedFile
from pipelines.targets.ckan.multipart import Upload
from pipelines.targets.ckan.portal import Portal
from pipelines.targets.ckan.shelf import Shelf
from tests.scripted_portal import DONE, TOKEN, scripted

MEGABYTE = 1 << 20
LARGE = 96 * MEGABYTE
#: Far more than the pieces that are in hand at a time, far less than the file.
MOST = 12 * MEGABYTE


@contextmanager
def _sink(size: int) -> Iterator[tuple[str, list[int]]]:
    """A server that takes anything and keeps nothing, and gives so many bytes; its address, and what it was sent."""
    taken: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
            left = length = int(self.headers["Content-Length"])
            while left:
                left -= len(self.rfile.read(min(left, 1 << 16)))
            taken.append(length)
            self.send_response(DONE[0])
            self.send_header("Content-Length", str(len(DONE[1])))
            self.end_headers()
            self.wfile.write(DONE[1].encode())

        def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
            self.send_response(200)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            for _ in range(size // MEGABYTE):
                self.wfile.write(bytes(MEGABYTE))

        def log_message(self, *_arguments: object) -> None:
            """Nothing to the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", taken
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that takes no room on the disk."""
    file = tmp_path / "large.csv"
    with file.open("wb") as stream:
        stream.truncate(LARGE)
    return file


@contextmanager
def _measured() -> Iterator[list[int]]:
    """The most bytes that Python held meanwhile."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def test_an_upload_takes_no_memory_of_its_size(large: Path) -> None:
    with _sink(LARGE) as (address, taken), _measured() as peak:
        Client(address, TOKEN).write("package_revise", {}, [Upload("upload", "large.csv", large)])
    assert taken[0] > LARGE
    assert peak[0] < MOST


def test_a_download_takes_no_memory_of_its_size(large: Path) -> None:
    with _sink(LARGE) as (address, _), _measured() as peak:
        got = Client(address, TOKEN).fetch("/large.csv")
    assert (got.size, got.sha256) == (LARGE, hashlib.sha256(large.read_bytes()).hexdigest())
    assert peak[0] < MOST


def test_a_file_over_the_limit_is_not_sent(tmp_path: Path) -> None:
    file = tmp_path / "ports.csv"
    with file.open("wb") as stream:
        stream.truncate(2_100 * MEGABYTE)
    files = [
        PublishedFile("1", "dictionary", "dictionary.csv", b"name\n", 5, "0" * 64),
        PublishedFile("1", "csv", "ports.csv", file, file.stat().st_size, "0" * 64),
    ]
    portal = Portal("2.12.0", "", "tide-office", "pipeline", speaks_dcat=False, plugin={"max_upload": 2_000 * MEGABYTE})
    with scripted() as script:
        shelf = Shelf(script.client(), portal, "ports", "tide-office/ports")
        with pytest.raises(TooLarge) as caught:
            shelf.fill(None, None, None, Description({"title": "港口"}, (), (), {}, {}), files, reread=False)
    assert script.sent == []
    assert "ports.csv" in caught.value.what and "2,202,009,600" in caught.value.what


def test_a_server_that_refuses_by_the_length_alone_is_heard(large: Path) -> None:
    """It answers before it has read the file, and ends the connection."""

    def refuse(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refuse, args=(server,))
        thread.start()
        client = Client(f"http://127.0.0.1:{server.getsockname()[1]}", TOKEN)
        with pytest.raises(TooLarge):
            client.write("package_revise", {}, [Upload("upload", "large.csv", large)])
        thread.join()
