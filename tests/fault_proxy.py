"""A proxy on loopback before a portal, which disturbs the calls that a test names and remembers all that it was sent.

The portal's own address is changed into the proxy's in what is answered, and back in what is sent, so that a publisher
meets one origin and the portal keeps nothing of the proxy.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import re
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from tests.proxy_faults import Fault, Reply

#: Headers that tell how a body is sent, which the proxy decides anew on each side.
_OF_THE_WAY = frozenset(
    {"accept-encoding", "connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"}
)
_TOKENS = frozenset({"authorization", "cookie", "x-ckan-api-key"})
_READS = re.compile(r"_(show|list|search|info|autocomplete|capabilities|files)(_|$)")
_KEPT_BYTES = 1 << 16


@dataclass
class Sent:
    """A request as it came, and what became of it.

    `action`: of CKAN's API, or "" elsewhere; `body`: its first 64 KiB; `status`: what the client was answered, 0 for
    nothing; `done`: what the portal answered last, 0 where it was not asked or not heard; `fault`: what was done to it.
    """

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    size: int
    digest: str
    body: bytes
    status: int = 0
    done: int = 0
    fault: str = ""

    @property
    def action(self) -> str:
        """The action's name."""
        return self.path.partition("?")[0].rpartition("/")[2] if self.path.startswith("/api/") else ""

    @property
    def place(self) -> str:
        """What it is about, without the ids: an action's name, or the first word of another path."""
        return self.action or self.path.strip("/").partition("/")[0]

    @property
    def writes(self) -> bool:
        """Whether it can change anything; CKAN takes reads by POST too."""
        return self.method not in {"GET", "HEAD"} and not _READS.search(self.action)

    @property
    def token(self) -> str:
        """The token that came with it; "" for none."""
        return next((value for name, value in self.headers.items() if name.lower() in _TOKENS), "")


@dataclass
class Rule:
    """Which calls meet a fault: from the `nth` that fits on, `times` of them (None: all). It counts what it met."""

    fault: Fault
    fits: Callable[[Sent], bool]
    nth: int
    times: int | None
    met: int = 0
    fired: int = 0
    withdrawn: bool = False

    def meets(self, sent: Sent) -> bool:
        """Count a call; whether it meets the fault."""
        if self.withdrawn or not self.fits(sent):
            return False
        self.met += 1
        if self.met < self.nth or (self.times is not None and self.fired >= self.times):
            return False
        self.fired += 1
        return True


@dataclass
class FaultProxy:
    """The proxy; its `url` is there within `with`.

    Args:
        portal: The portal's address.
        site: The address by which the portal names itself, where that is another.
    """

    portal: str
    site: str = ""
    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def on(
        self,
        fault: Fault,
        action: str = "",
        *,
        nth: int = 1,
        times: int | None = 1,
        where: Callable[[Sent], bool] = lambda sent: True,
    ) -> Rule:
        """Let the fault meet calls of an action (of any, where it is "") that are as `where` says."""
        rule = Rule(fault, lambda sent: action in {"", sent.action} and where(sent), nth, times)
        with self.lock:
            self.rules.append(rule)
        return rule

    def calm(self) -> None:
        """No faults any more."""
        with self.lock:
            for rule in self.rules:
                rule.withdrawn = True

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Sent, Fault | None]:
        """Remember a request; the fault that it is to meet."""
        digest = hashlib.sha256(body).hexdigest()
        with self.lock:
            sent = Sent(len(self.sent) + 1, method, path, headers, len(body), digest, body[:_KEPT_BYTES])
            self.sent.append(sent)
            met = [rule for rule in self.rules if rule.meets(sent)]
        if met:
            sent.fault = type(met[0].fault).__name__
        return sent, met[0].fault if met else None

    def to_portal(self, body: bytes) -> bytes:
        """A request's body with the portal's own address."""
        return body.replace(self.url.encode(), self._site)

    def to_client(self, reply: Reply) -> Reply:
        """An answer with the proxy's address; files stay as they are."""
        site, url = self._site.decode(), self.url
        headers = tuple((name, value.replace(site, url)) for name, value in reply.headers)
        is_json = any(name.lower() == "content-type" and "json" in value for name, value in headers)
        return Reply(reply.status, headers, reply.body.replace(self._site, url.encode()) if is_json else reply.body)

    @property
    def _site(self) -> bytes:
        return (self.site or self.portal).rstrip("/").encode()

    def __enter__(self) -> FaultProxy:
        handler = type("Handler", (_Exchange,), {"proxy": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    block_on_close = False  # a client may keep a connection that it has no use for

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what faults bring about."""


class _Exchange(BaseHTTPRequestHandler):
    """One client's connection; the attributes are those of its present request."""

    protocol_version = "HTTP/1.1"
    proxy: FaultProxy
    body: bytes
    _sent: Sent

    def _handle(self) -> None:
        self.body = self._read_body()
        self._sent, fault = self.proxy.take(self.command, self.path, dict(self.headers), self.body)
        try:
            if fault:
                fault.disturb(self)
            else:
                self.answer(self.forward())
        except (OSError, http.client.HTTPException):  # the portal, or the client, ended the connection
            self.hang_up()

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _handle  # noqa: N815 - the names are http.server's

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def forward(self, upto: int | None = None) -> Reply:
        netloc = urlsplit(self.proxy.portal).netloc
        body = self.proxy.to_portal(self.body)
        with contextlib.closing(http.client.HTTPConnection(netloc)) as connection:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _OF_THE_WAY:
                    connection.putheader(name, value)
            for name, value in (("Host", netloc), ("Connection", "close"), ("Content-Length", str(len(body)))):
                connection.putheader(name, value)
            connection.endheaders()
            connection.send(body[:upto])
            if upto is not None:
                return Reply(0)
            response = connection.getresponse()
            self._sent.done = response.status
            headers = ((name, value) for name, value in response.getheaders() if name.lower() not in _OF_THE_WAY)
            return self.proxy.to_client(Reply(response.status, tuple(headers), response.read()))

    def answer(self, reply: Reply, pieces: int | None = None, pause: float = 0.0, upto: int | None = None) -> None:
        self._sent.status = reply.status
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = b"" if self.command == "HEAD" else reply.body[:upto]
        size = pieces or max(1, len(body))
        for start in range(0, len(body), size):
            if start:
                self.wait(pause)
            self.wfile.write(body[start : start + size])
            self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def wait(self, seconds: float) -> None:
        self.proxy.closed.wait(seconds)

    def log_message(self, *_arguments: object) -> None:
        """Keep the calls out of the tests' output; `sent` has them."""
