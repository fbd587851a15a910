"""CKAN's action API (docs.ckan.org, API guide): reads are retried, writes never blindly, no message holds the token."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from urllib3 import HTTPHeaderDict
from urllib3.response import BaseHTTPResponse

from pipelines.targets.ckan.answers import result_of, unavailable
from pipelines.targets.ckan.deadlines import Deadlines
from pipelines.targets.ckan.errors import Conflict, Invalid, PortalDown, PortalError, TooLarge, UnknownOutcome
from pipelines.targets.ckan.multipart import MultipartBody, Upload
from pipelines.targets.ckan.patience import Patience
from pipelines.targets.ckan.transport import Request, Transport

_BEGINNING = 4000
#: Seconds that a portal is waited for which went away in the midst of a run.
PATIENCE = 60.0
_IN_TIME = Deadlines()

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
    """Speaks to one portal, with a token or as anybody. A portal that stays away is given up: see `PATIENCE`.

    Threads may share it.

    Args:
        address: The portal's address, such as https://data.example.org.
        token: The API token; it goes to this origin only.
        pause: Called with the seconds to wait before a further try.
        patience: Seconds that a portal is waited for which answered before.
        deadlines: How long one exchange may take.
    """

    def __init__(
        self,
        address: str,
        token: str,
        pause: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE,
        deadlines: Deadlines = _IN_TIME,
    ) -> None:
        self._transport = Transport(address, deadlines)
        self._token = token
        self._patience = Patience(pause, patience)
        self._given_up: PortalError | None = None
        self.address = self._transport.address
        self.server_date = ""

    def read(self, action: str, data: Mapping[str, Any] | None = None, *, anonymous: bool = False) -> Any:
        """The result of an action that changes nothing; tried again while the portal is busy or out of reach.

        Raises:
            PortalError: the portal refused or failed; its class says how.
        """
        return self._patiently(lambda: self._call(action, self._as_json(action, data or {}, anonymous)))

    def write(self, action: str, data: Mapping[str, Any], uploads: Sequence[Upload] = ()) -> Any:
        """The result of an action that changes something; sent again only where nothing of it can have arrived.

        Raises:
            UnknownOutcome: it may have been done: see `settle`.
            PortalError: it was not done; its class says why.
        """
        tried = 0
        while True:
            try:
                return self._write(action, data, uploads)
            except PortalDown as down:
                tried += 1
                if self._given_up or not self._patience.outlast(tried, down):
                    self._doubt(down)
                    raise

    def settle(self, write: Callable[[], Result], find: Callable[[], Result | None]) -> Result:
        """Do a write; where its answer is lost, look at the portal whether it was done before doing it again.

        Args:
            write: The write; harmless a second time, since a compare-and-swap or a unique name guards it.
            find: What the write would have returned, read from the portal; None where it was not done.
        """
        unknown, tried = False, 0
        while True:
            try:
                return write()
            except PortalError as failure:
                tried += 1
                # A server before the portal may call an answer too large, or send a write twice, of which the second
                # is refused; ours is then what stands in its way.
                unknown = unknown or isinstance(failure, UnknownOutcome | TooLarge | Conflict | Invalid)
                again = isinstance(failure, UnknownOutcome) and self._patience.retry(tried, failure)
                # Also what stands in a later try's way may be our own first one.
                found = _looked_up(find, failure) if unknown else None
                if found is None and not again:
                    self._doubt(failure)
                    raise
            if found is not None:
                return found

    def fetch(self, path: str, *, anonymous: bool = True) -> Fetched:
        """What a reader gets at a path of the portal, without going where it leads; tried again like any read.

        Raises:
            PortalError: nothing whole could be had.
        """
        return self._patiently(lambda: self._fetch(path, anonymous))

    def try_save(self, path: str, file: Path, *, anonymous: bool) -> int:
        """Write what is at a path of the portal into a file; the status. One try, for who has another way to go.

        Raises:
            PortalError: nothing whole could be had.
        """
        with file.open("wb") as written:
            response = self._receive(path, anonymous, written.write)
        return response.status

    def abandon(self) -> None:
        """Give the portal up at once, and let go of what is waited for; called by another thread."""
        fix = "run it again; it completes"
        self._given_up = PortalDown("the run was ended", where=self.address, fix=fix)
        self._transport.stop()

    def path_of(self, address: str) -> str:
        """The path of an address that the portal gave, which may know itself by another name than we do."""
        parts = urlsplit(address)
        return (parts.path + (f"?{parts.query}" if parts.query else "")).removeprefix(self._transport.base_path)

    def _fetch(self, path: str, anonymous: bool) -> Fetched:
        digest, size, beginning = hashlib.sha256(), 0, b""

        def take(piece: bytes) -> None:
            nonlocal size, beginning
            digest.update(piece)
            size += len(piece)
            beginning += piece[: max(0, _BEGINNING - len(beginning))]

        response = self._receive(path, anonymous, take)
        return Fetched(response.status, response.headers.get("Location", ""), size, digest.hexdigest(), beginning)

    def _receive(self, path: str, anonymous: bool, take: Callable[[bytes], object]) -> BaseHTTPResponse:
        """The response to one reader's request, whose body is given away piece by piece."""
        self._refuse_given_up()
        with self._transport.answer(Request("GET", path, self._identity(anonymous))) as (response, pieces):
            if response.status >= 500 or response.status == 429:
                raise unavailable(response.status, response.headers, f"{self.address}{path}")
            for piece in pieces:
                take(piece)
        self._patience.answer()
        return response

    def _write(self, action: str, data: Mapping[str, Any], uploads: Sequence[Upload]) -> Any:
        if not uploads:
            return self._call(action, self._as_json(action, data, anonymous=False))
        fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in data.items()}
        with MultipartBody(fields, uploads) as body:
            headers = {"Content-Type": body.content_type, "Content-Length": str(body.length)} | self._identity(False)
            return self._call(action, Request("POST", _path(action), headers, body, body.length))

    def _call(self, action: str, request: Request) -> Any:
        self._refuse_given_up()
        with self._transport.answer(request) as (response, pieces):
            content = b"".join(pieces)
        self.server_date = response.headers.get("Date", "")
        headers = HTTPHeaderDict((name, self._without_token(value)) for name, value in response.headers.items())
        if self._token:
            content = content.replace(self._token.encode(), b"...")
        try:
            result = result_of(action, response.status, headers, content, f"{self.address}, {action}")
        except (PortalDown, UnknownOutcome):
            raise
        except PortalError:
            self._patience.answer()
            raise
        self._patience.answer()
        return result

    def _patiently(self, read: Callable[[], Result]) -> Result:
        tried = 0
        while True:
            try:
                return read()
            except (PortalDown, UnknownOutcome) as failure:
                tried += 1
                if self._given_up or not self._patience.outlast(tried, failure):
                    self._doubt(failure)
                    if isinstance(failure, PortalDown):
                        raise
                    # Of a read there is nothing to be unsure of.
                    raise PortalDown(failure.what, where=failure.where, fix=failure.fix) from failure

    def _doubt(self, failure: PortalError) -> None:
        """After a call's last try: where the portal itself has failed, no other call is made in this run.

        So a portal that hangs costs some minutes, and not some for each dataset; a dataset at which the portal fails
        stops no other.
        """
        if isinstance(failure, PortalDown | UnknownOutcome) and not self._given_up and not self._lives():
            self._given_up = failure

    def _lives(self) -> bool:
        if not self._patience.answered:
            return False
        try:
            self._call("status_show", self._as_json("status_show", {}, anonymous=True))
        except (PortalDown, UnknownOutcome):
            return False
        except PortalError:  # it refuses, which is an answer
            return True
        return True

    def _refuse_given_up(self) -> None:
        if self._given_up:
            what = f"the portal was given up for this run, since it stayed away: {self._given_up.what}"
            raise PortalDown(what, where=self._given_up.where, fix=self._given_up.fix)

    def _as_json(self, action: str, data: Mapping[str, Any], anonymous: bool) -> Request:
        headers = {"Content-Type": "application/json"} | self._identity(anonymous)
        return Request("POST", _path(action), headers, json.dumps(data, ensure_ascii=False).encode())

    def _without_token(self, text: str) -> str:
        return text.replace(self._token, "...") if self._token else text

    def _identity(self, anonymous: bool) -> dict[str, str]:
        return {} if anonymous else {"Authorization": self._token}


def _looked_up(find: Callable[[], Result | None], failure: PortalError) -> Result | None:
    """What a write has done; where that can't be read, the write's own failure is what there is to tell."""
    try:
        return find()
    except PortalError as unreadable:
        raise failure from unreadable


def _path(action: str) -> str:
    return f"/api/3/action/{action}"
