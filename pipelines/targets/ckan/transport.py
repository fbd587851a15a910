"""HTTP to one origin within bounded times: an answer that stalls, drips or is cut is no answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.response import BaseHTTPResponse

from pipelines.targets.ckan.deadlines import Clock, Deadlines, pool_within
from pipelines.targets.ckan.errors import PortalDown, PortalError, UnknownOutcome, Untrusted
from resource_catalog.errors import UsageError

_PIECE = 1 << 20
_LATER = "look whether the portal runs, then run again: what readers saw of it stays until then"


@dataclass(frozen=True)
class Request:
    """One request; `path` begins with "/" and is below the portal's address; `size` is the body's in bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None
    size: int = 0


@dataclass(frozen=True)
class _Line:
    """A connection for one exchange at a time, and the clock that bounds it."""

    clock: Clock
    pool: urllib3.HTTPConnectionPool


class Transport:
    """Connections to the portal's origin, and to nowhere else: a redirection is an answer and is not followed.

    Threads may share it: each exchange has a connection and a clock of its own.

    Args:
        address: Such as https://data.example.org, with its path where the portal lies below one.
        deadlines: How long the portal may take.
    """

    def __init__(self, address: str, deadlines: Deadlines) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            # Without the address, which may hold a password.
            fix = "write http(s)://host[:port][/path], without user or password"
            raise UsageError("the portal's address can't be used", where="CKAN_URL", fix=fix)
        self.base_path = parts.path.rstrip("/")
        self.address = f"{parts.scheme}://{parts.netloc}{self.base_path}"
        self._deadlines, self._origin = deadlines, f"{parts.scheme}://{parts.netloc}"
        self._idle: list[_Line] = []
        self._clocks: list[Clock] = []
        self._stopped = False

    @contextmanager
    def answer(self, request: Request) -> Iterator[tuple[BaseHTTPResponse, Iterator[bytes]]]:
        """The response, and its body piece by piece.

        Raises:
            PortalDown: no connection could be made, so nothing was sent.
            Untrusted: whoever answers is not proved to be the portal; nothing was sent.
            UnknownOutcome: there is no whole answer to what was sent.
        """
        seconds, line = self._deadlines.of(request.size), self._idle_line()
        line.clock.start(self._deadlines.connect + seconds)
        try:
            response = line.pool.urlopen(
                request.method,
                f"{self.base_path}{request.path}",
                body=request.body,
                headers=dict(request.headers),
                retries=False,
                redirect=False,
                timeout=urllib3.Timeout(connect=self._deadlines.connect, read=seconds),
                preload_content=False,
            )
            try:
                yield response, self._pieces(response, line.clock)
            finally:
                response.close()
        except (HTTPError, OSError) as error:
            raise _failure(error, f"{self.address}{request.path}") from error
        finally:
            self._idle.append(line)

    def stop(self) -> None:
        """End every exchange at once, and have none from now on; called by another thread."""
        self._stopped = True
        for clock in self._clocks:
            clock.stop()

    def _idle_line(self) -> _Line:
        try:
            return self._idle.pop()
        except IndexError:  # asked first, it could be gone by the time that it is taken
            clock = Clock(self._deadlines.read)
            self._clocks.append(clock)
            if self._stopped:  # since it was asked whether the portal is given up
                clock.stop()
            return _Line(clock, pool_within(clock, self._origin))

    def _pieces(self, response: BaseHTTPResponse, clock: Clock) -> Iterator[bytes]:
        clock.start(self._deadlines.of(response.length_remaining or 0))
        while piece := response.read1(_PIECE):
            yield piece
            clock.left()


def _failure(error: Exception, where: str) -> PortalError:
    if isinstance(error, NewConnectionError | ConnectTimeoutError):
        return PortalDown(f"the portal can't be reached ({_kind(error)})", where=where, fix=_LATER)
    reason = error.args[0] if isinstance(error, SSLError) and error.args else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Untrusted(
            f"the portal's certificate is not to be trusted ({reason.verify_message})",
            where=where,
            fix="have it renewed, for the name that CKAN_URL has; if an authority of your own signed it, "
            "name that authority's certificate in SSL_CERT_FILE",
        )
    return UnknownOutcome(f"the portal gave no whole answer ({_kind(error)})", where=where, fix=_LATER)


def _kind(error: Exception) -> str:
    """The error's class alone: its text may repeat what was sent."""
    return type(error).__name__
