"""Reads over HTTP as anyone may: no token, no cookie, a connection for each request; says how long one had to wait."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS, _CHUNK = 5, 1 << 16


@dataclass(frozen=True)
class Answer:
    """What came back. `status` 0: nothing did, and `problem` says why; `waited`: longest silence, in seconds."""

    status: int
    body: bytes = b""
    waited: float = 0.0
    problem: str = ""
    location: str = ""

    @property
    def fault(self) -> str:
        """Why the answer is none; "" where it is one."""
        return self.problem or ("" if self.status == 200 else f"status {self.status}: {self.body[:120]!r}")


@dataclass(frozen=True)
class Result:
    """What an action of CKAN's API gave: `value`, or a `fault`."""

    value: Any
    fault: str
    waited: float


class AnonymousHTTP:
    """A reader's HTTP; `clock` gives seconds and `timeout` is in seconds, of each silence."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, timeout: float = 30.0) -> None:
        self._clock = clock
        self._timeout = timeout

    def get(self, url: str) -> Answer:
        """The answer at an address, after redirects."""
        waited = 0.0
        for _ in range(_MOST_REDIRECTS):
            answer = self._once(url)
            waited = max(answer.waited, waited)
            if not answer.location:
                return Answer(answer.status, answer.body, waited, answer.problem)
            url = urljoin(url, answer.location)
        return Answer(0, problem=f"more than {_MOST_REDIRECTS} redirects", waited=waited)

    def call(self, portal: str, action: str, **arguments: Any) -> Result:
        """The result of an action at a portal's address; floats come as decimals."""
        answer = self.get(f"{portal.rstrip('/')}/api/3/action/{action}?{urlencode(arguments)}")
        if answer.fault:
            return Result(None, answer.fault, answer.waited)
        try:
            document = json.loads(answer.body, parse_float=Decimal)
        except ValueError as error:
            return Result(None, f"not JSON: {error}", answer.waited)
        if not isinstance(document, dict) or document.get("success") is not True or document.get("result") is None:
            return Result(None, f"no result: {answer.body[:120]!r}", answer.waited)
        return Result(document["result"], "", answer.waited)

    def _once(self, url: str) -> Answer:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(parts.netloc, timeout=self._timeout)
        started = self._clock()
        try:
            connection.request("GET", target, headers={"Connection": "close"})
            response = connection.getresponse()
            waited = self._clock() - started
            body, longest = read_body(response, self._clock)
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, problem=f"{type(error).__name__}: {error}", waited=self._clock() - started)
        finally:
            connection.close()
        problem = f"the answer ends {response.length} bytes too early" if response.length else ""
        location = response.headers.get("Location", "") if response.status in _REDIRECTS else ""
        return Answer(response.status, body, max(waited, longest), problem, location)


class Stream(Protocol):
    """An answer's body as it comes."""

    def read1(self, size: int = ..., /) -> bytes:
        """What has come, at most `size` bytes; waits for the first."""


def read_body(stream: Stream, clock: Callable[[], float]) -> tuple[bytes, float]:
    """The body, and the longest time in seconds that a part of it took."""
    parts: list[bytes] = []
    longest = 0.0
    while True:
        started = clock()
        part = stream.read1(_CHUNK)
        longest = max(clock() - started, longest)
        if not part:
            return b"".join(parts), longest
        parts.append(part)
