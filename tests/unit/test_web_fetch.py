"""A source from the web comes from allowed hosts only, whole, and no trick leads inside the network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.sources.web import fetch
from resource_catalog.errors import NotPermittedError, OutsideError


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path, _, query = self.path.partition("?")
        if path == "/redirect":
            self.send_response(302)
            self.send_header("Location", query)
            self.end_headers()
        elif path == "/missing":
            self.send_error(404)
        else:
            body = b"a,b\n1,2\n"
            self.send_response(200)
            if path != "/unsaid.csv":
                self.send_header("Content-Length", str(len(body) + (5 if path == "/short.csv" else 0)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails must not reach the network."""
    connect = socket.create_connection

    def guarded(address: tuple[str, int], timeout: float) -> socket.socket:
        assert address[0] == "127.0.0.1"
        return connect(address, timeout)

    monkeypatch.setattr(socket, "create_connection", guarded)


@pytest.fixture
def host() -> Iterator[str]:
    Pages.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_file_is_saved_with_its_ending(tmp_path: Path, host: str) -> None:
    file = fetch(f"http://{host}/数据/许可.CSV?day=2017-05-18#part", [host], tmp_path / "download")
    assert file == tmp_path / "download.csv"
    assert file.read_bytes() == b"a,b\n1,2\n"
    assert Pages.asked == ["/%E6%95%B0%E6%8D%AE/%E8%AE%B8%E5%8F%AF.CSV?day=2017-05-18"]
    assert fetch(f"http://{host}/download", [host], tmp_path / "download") == tmp_path / "download"
    assert fetch(f"http://{host}/unsaid.csv", [host], tmp_path / "download").stat().st_size == 8


def test_a_redirect_within_the_allowed_hosts_is_followed(tmp_path: Path, host: str) -> None:
    assert fetch(f"http://{host}/redirect?/a.csv", [host], tmp_path / "d").read_bytes() == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "url",
    [
        "http://{host}/redirect?http://example.org/a.csv",
        "http://{host}/redirect?http://localhost:{port}/a.csv",
        "http://{host}/redirect?file:///etc/hostname",
        "http://{host}/redirect?http://169.254.169.254/latest",
        "http://localhost:{port}/a.csv",
        "http://127.0.0.1/a.csv",
        "http://127.0.0.1.:{port}/a.csv",
        "http://user:canary@{host}/a.csv",
        "http://{host}/a\tb",
        "http://{host}:x/a",
        "file:///etc/hostname",
        "gopher://{host}/",
        "ftp://{host}/",
        "//{host}/a.csv",
    ],
)
def test_what_is_not_allowed_is_never_asked_for(tmp_path: Path, host: str, url: str) -> None:
    address = url.format(host=host, port=host.rpartition(":")[2])
    with pytest.raises(NotPermittedError) as caught:
        fetch(address, [host], tmp_path / "d")
    assert "canary" not in str(caught.value)
    assert all(path.startswith("/redirect") for path in Pages.asked)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host_name", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "100.100.100.200"])
def test_machine_describing_addresses_are_refused_even_if_allowed(tmp_path: Path, host_name: str) -> None:
    with pytest.raises(NotPermittedError):
        fetch(f"http://{host_name}/", [host_name], tmp_path / "d")


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_an_allowed_name_that_leads_inside_is_refused(
    tmp_path: Path, host: str, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(host.rpartition(":")[2])
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (inside, port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: answer)
    with pytest.raises(NotPermittedError) as caught:
        fetch(f"http://data.example:{port}/a.csv", [f"data.example:{port}"], tmp_path / "d")
    assert "data.example" in str(caught.value)
    assert Pages.asked == []


def test_proxies_of_the_environment_are_not_used(tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert fetch(f"http://{host}/a.csv", [host], tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("path", "largest"),
    [("/short.csv", 100), ("/missing", 100), ("/a.csv", 7), ("/unsaid.csv", 7), ("/redirect?/redirect", 100)],
)
def test_a_failed_transfer_leaves_nothing(tmp_path: Path, host: str, path: str, largest: int) -> None:
    with pytest.raises(OutsideError) as caught:
        fetch(f"http://{host}{path}", [host], tmp_path / "d", largest=largest)
    assert caught.value.fix
    assert host in caught.value.where
    assert list(tmp_path.iterdir()) == []


def test_a_loop_of_redirects_ends(tmp_path: Path, host: str) -> None:
    loop = "/redirect?" * 20 + "/a.csv"
    with pytest.raises(OutsideError):
        fetch(f"http://{host}{loop}", [host], tmp_path / "d")
    assert len(Pages.asked) == 6


def test_a_server_that_does_not_answer_is_an_outside_failure(tmp_path: Path) -> None:
    with pytest.raises(OutsideError):
        fetch("http://127.0.0.1:1/a.csv", ["127.0.0.1:1"], tmp_path / "d")
