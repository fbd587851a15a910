"""HTTP to one origin within bounded times: an answer that stalls, drips or is cut is no answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from pipelines.targets.ckan.errors import PortalDown, UnknownOutcome
from resource_catalog.errors import UsageError

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
#: Bytes a second that an upload or a download must move at least.
_SLOWEST = 500_000
_PIECE = 1 << 20
_LATER = "look whether the portal runs, then run again: what readers saw of it stays until then"


def seconds_for(size: int) -> float:
    """How long a transfer of so many bytes may take."""
    return READ_SECONDS + size / _SLOWEST


@dataclass(frozen=True)
class Request:
    """One request; `path` begins with "/" and is below the portal's address."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None
    seconds: float = READ_SECONDS


class Transport:
    """Connections to the portal's origin, and to nowhere else: a redirection is an answer and is not followed.

    Args:
        address: Such as https://data.example.org, with its path where the portal lies below one.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            # Without the address, which may hold a password.
            fix = "write http(s)://host[:port][/path], without user or password"
            raise UsageError("the portal's address can't be used", where="CKAN_URL", fix=fix)
        self.base_path = parts.path.rstrip("/")
        self.address = f"{parts.scheme}://{parts.netloc}{self.base_path}"
        self._pool = urllib3.connectionpool.connection_from_url(f"{parts.scheme}://{parts.netloc}", maxsize=2)

    @contextmanager
    def answer(self, request: Request) -> Iterator[tuple[BaseHTTPResponse, Iterator[bytes]]]:
        """The response, and its body piece by piece.

        Raises:
            PortalDown: no connection could be made, so nothing was sent.
            UnknownOutcome: there is no whole answer to what was sent.
        """
        where = f"{self.address}{request.path}"
        try:
            response = self._pool.urlopen(
                request.method,
                f"{self.base_path}{request.path}",
                body=request.body,
                headers=dict(request.headers),
                retries=False,
                redirect=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=request.seconds),
                preload_content=False,
            )
            try:
                yield response, _pieces(response, request.seconds)
            finally:
                response.close()
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise PortalDown(f"the portal can't be reached ({_kind(error)})", where=where, fix=_LATER) from error
        except (HTTPError, OSError) as error:
            said = f"the portal gave no whole answer ({_kind(error)})"
            raise UnknownOutcome(said, where=where, fix=_LATER) from error


def _kind(error: Exception) -> str:
    """The error's class alone: its text may repeat what was sent."""
    return type(error).__name__


def _pieces(response: BaseHTTPResponse, seconds: float) -> Iterator[bytes]:
    size = int(response.headers.get("Content-Length") or 0)
    end = time.monotonic() + max(seconds, seconds_for(size))
    while piece := response.read1(_PIECE):
        yield piece
        if time.monotonic() > end:
            raise TimeoutError
