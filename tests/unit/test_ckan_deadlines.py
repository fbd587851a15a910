"""A portal that stays silent, drips or does not take what it is sent: every wait ends, and what moves is let move."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.deadlines import Deadlines
from pipelines.targets.ckan.errors import PortalDown, UnknownOutcome
from pipelines.targets.ckan.multipart import Upload
from tests.scripted_portal import DONE, TOKEN

SHORT = Deadlines(connect=0.3, read=0.3, slowest=1e9)
#: Between two bytes: far less than any single wait may take.
DRIP = 0.02
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWER = HEAD + f"Content-Length: {len(DONE[1])}\r\nConnection: close\r\n\r\n{DONE[1]}".encode()

#: What a server does with one connection until it is told to end.
Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def behaving(behave: Behaviour) -> Iterator[str]:
    """A server that behaves so to whoever connects; its address."""
    over = threading.Event()
    threads = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            behave(connection, over)

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=serve, args=(server.accept()[0],)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threads.append(threading.Thread(target=accept, args=(server,)))
        threads[0].start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def silent(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(1 << 16)
    over.wait()


def dripping(start: bytes, drop: bytes) -> Behaviour:
    """Says the start at once, and then the same few bytes for ever."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(1 << 16)
        connection.sendall(start)
        while not over.wait(DRIP):
            connection.sendall(drop)

    return behave


def sipping(connection: socket.socket, over: threading.Event) -> None:
    """Takes what it is sent, no single wait being long, and answers in the end."""
    received = b""
    while not received.endswith(b"--\r\n") and not over.wait(DRIP):
        received = received[-8:] + connection.recv(1 << 16)
    connection.sendall(ANSWER)


DRIPS = {
    "head": dripping(HEAD + b"X-Drip: ", b"x"),
    "body": dripping(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "chunks": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "no length": dripping(HEAD + b"Connection: close\r\n\r\n", b" "),
}


def _client(address: str, deadlines: Deadlines = SHORT) -> Client:
    return Client(address, TOKEN, lambda seconds: None, deadlines=deadlines)


@pytest.mark.parametrize("behave", [silent, *DRIPS.values()], ids=["silent", *DRIPS])
def test_an_answer_that_does_not_come_is_waited_for_within_bounds(behave: Behaviour) -> None:
    with behaving(behave) as address, pytest.raises(UnknownOutcome):
        _client(address).write("package_revise", {})


@pytest.mark.parametrize("behave", [silent, DRIPS["head"], DRIPS["body"]], ids=["silent", "head", "body"])
def test_so_is_a_file(behave: Behaviour) -> None:
    with behaving(behave) as address, pytest.raises(PortalDown):
        _client(address).fetch("/file")


@pytest.mark.parametrize("behave", [lambda connection, over: over.wait(), sipping], ids=["never read", "sipped"])
def test_an_upload_that_is_not_taken_ends(behave: Behaviour, tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as stream:
        stream.truncate(64 << 20)  # more than any buffer on the way
    with behaving(behave) as address, pytest.raises(UnknownOutcome):
        _client(address).write("package_revise", {}, [Upload("upload", "large", file)])


def test_a_server_that_takes_no_connection_is_down() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        with socket.create_connection(server.getsockname()):  # which fills the queue
            address = f"http://127.0.0.1:{server.getsockname()[1]}"
            with pytest.raises(PortalDown):
                _client(address).write("package_revise", {})


def test_after_an_upload_the_portal_has_time_to_work(tmp_path: Path) -> None:
    """As much as the size allows, though not a byte comes meanwhile."""
    file = tmp_path / "rows"
    file.write_bytes(b"x" * 1_000_000)

    def behave(connection: socket.socket, over: threading.Event) -> None:
        received = b""
        while not received.endswith(b"--\r\n"):
            received = received[-8:] + connection.recv(1 << 16)
        over.wait(2 * SHORT.read)
        connection.sendall(ANSWER)

    patient = Deadlines(connect=10, read=SHORT.read, slowest=10_000)
    with behaving(behave) as address:
        upload = Upload("upload", "rows", file)
        assert _client(address, patient).write("package_revise", {}, [upload]) == {"id": "1"}
