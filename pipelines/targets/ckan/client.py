"""CKAN's action API (docs.ckan.org, API guide): reads are retried, writes never blindly, no message holds the token."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pipelines.targets.ckan.answers import result_of
from pipelines.targets.ckan.errors import PortalDown, PortalError, UnknownOutcome
from pipelines.targets.ckan.multipart import MultipartBody, Upload
from pipelines.targets.ckan.transport import Request, Transport, seconds_for

_TRIES = 4
_LONGEST_PAUSE = 30.0
_BEGINNING = 4000

Result = TypeVar("Result")


@dataclass(frozen=True)
class Fetched:
    """What a reader gets at an address: the status, where it leads to; of the body its size, hash and beginning."""

    status: int
    location: str
    size: int
    sha256: str
    beginning: bytes


class Client:
    """Speaks to one portal, with a token or as anybody.

    Args:
        address: The portal's address, such as https://data.example.org.
        token: The API token; it goes to this origin only.
        pause: Called with the seconds to wait before a further try.
    """

    def __init__(self, address: str, token: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._transport = Transport(address)
        self._token = token
        self._pause = pause
        self.address = self._transport.address
        self.server_date = ""

    def read(self, action: str, data: Mapping[str, Any] | None = None, *, anonymous: bool = False) -> Any:
        """The result of an action that changes nothing; tried again while the portal is busy or out of reach.

        Raises:
            PortalError: the portal refused or failed; its class says how.
        """
        return self._patiently(lambda: self._call(action, self._as_json(action, data or {}, anonymous)))

    def write(self, action: str, data: Mapping[str, Any], uploads: Sequence[Upload] = ()) -> Any:
        """The result of an action that changes something; sent once.

        Raises:
            UnknownOutcome: it may have been done: see `settle`.
            PortalError: it was not done; its class says why.
        """
        if not uploads:
            return self._call(action, self._as_json(action, data, anonymous=False))
        fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in data.items()}
        with MultipartBody(fields, uploads) as body:
            headers = {"Content-Type": body.content_type, "Content-Length": str(body.length)} | self._identity(False)
            return self._call(action, Request("POST", _path(action), headers, body, seconds_for(body.length)))

    def settle(self, write: Callable[[], Result], find: Callable[[], Result | None]) -> Result:
        """Do a write; where its answer is lost, look at the portal whether it was done before doing it again.

        Args:
            write: The write; harmless a second time, since a compare-and-swap or a unique name guards it.
            find: What the write would have returned, read from the portal; None where it was not done.
        """
        unknown = False
        for tried in range(1, _TRIES + 1):
            try:
                return write()
            except PortalError as failure:
                unknown = unknown or isinstance(failure, UnknownOutcome)
                may_retry = isinstance(failure, (PortalDown, UnknownOutcome)) and tried < _TRIES
                if may_retry:
                    self._wait(tried, failure)
                # Also what stands in a later try's way may be our own first one.
                found = find() if unknown else None
                if found is None and not may_retry:
                    raise
            if found is not None:
                return found
        raise AssertionError("the loop returns or raises")

    def fetch(self, path: str, *, anonymous: bool = True) -> Fetched:
        """What a reader gets at a path of the portal, without going where it leads; tried again like any read.

        Raises:
            PortalError: nothing whole could be had.
        """
        return self._patiently(lambda: self._fetch(path, anonymous))

    def path_of(self, address: str) -> str:
        """The path of an address that the portal gave, which may know itself by another name than we do."""
        parts = urlsplit(address)
        return (parts.path + (f"?{parts.query}" if parts.query else "")).removeprefix(self._transport.base_path)

    def _fetch(self, path: str, anonymous: bool) -> Fetched:
        digest, size, beginning = hashlib.sha256(), 0, b""
        with self._transport.answer(Request("GET", path, self._identity(anonymous))) as (response, pieces):
            if response.status >= 500 or response.status == 429:
                raise UnknownOutcome(
                    f"the portal answers {response.status}", where=f"{self.address}{path}", fix="look at its log"
                )
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                beginning += piece[: max(0, _BEGINNING - len(beginning))]
            location = response.headers.get("Location", "")
        return Fetched(response.status, location, size, digest.hexdigest(), beginning)

    def _call(self, action: str, request: Request) -> Any:
        with self._transport.answer(request) as (response, pieces):
            content = b"".join(pieces)
        self.server_date = response.headers.get("Date", "")
        if self._token:
            content = content.replace(self._token.encode(), b"...")
        return result_of(response.status, response.headers, content, f"{self.address}, {action}")

    def _patiently(self, read: Callable[[], Result]) -> Result:
        for tried in range(1, _TRIES):
            try:
                return read()
            except (PortalDown, UnknownOutcome) as down:
                self._wait(tried, down)
        try:
            return read()
        except UnknownOutcome as lost:  # of a read there is nothing to be unsure of
            raise PortalDown(lost.what, where=lost.where, fix=lost.fix) from lost

    def _as_json(self, action: str, data: Mapping[str, Any], anonymous: bool) -> Request:
        headers = {"Content-Type": "application/json"} | self._identity(anonymous)
        return Request("POST", _path(action), headers, json.dumps(data, ensure_ascii=False).encode())

    def _identity(self, anonymous: bool) -> dict[str, str]:
        return {} if anonymous else {"Authorization": self._token}

    def _wait(self, tried: int, failure: PortalError) -> None:
        seconds = failure.retry_after or 0.25 * 2**tried * random.uniform(0.5, 1)  # noqa: S311 - no secret
        self._pause(min(seconds, _LONGEST_PAUSE))


def _path(action: str) -> str:
    return f"/api/3/action/{action}"
