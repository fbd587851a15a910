"""The parts of one running server, and the life of a call: who asks, within which limits, and its audit row."""

from __future__ import annotations

import hmac
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from starlette.types import Receive, Scope, Send

from opendata_sharing.addresses import Addresses, GatewayAddresses
from opendata_sharing.audit import AuditLog
from opendata_sharing.calls import Answer, Call, read_body, refusal, send_answer
from opendata_sharing.capabilities import Form
from opendata_sharing.errors import CallRefused, StoreDamaged, StoreUnusable
from opendata_sharing.keys import AddressKeys
from opendata_sharing.limits import Limits
from opendata_sharing.lines import FileLine
from opendata_sharing.records import Token
from opendata_sharing.settings import Settings
from opendata_sharing.state import State, StateFile
from opendata_sharing.storage import Storage, open_storage, place_file
from opendata_sharing.tables import StillAway, Tables

_LOG = logging.getLogger("uvicorn.error")


class Server:
    """One instance over a store; all it keeps for itself can be lost or had by another instance."""

    storage: Storage

    def __init__(self, settings: Settings) -> None:
        if not settings.store.is_dir():
            raise StoreUnusable(f"there is no store {settings.store}: let the pipeline publish first")
        self.settings = settings
        self.state = StateFile(settings.store / "state.sqlite")
        self.keys = AddressKeys(settings.store / "keys")
        self.gateway_addresses = GatewayAddresses(self.keys, settings.url_seconds)
        self._place: tuple[int, int] | None = (-1, -1)
        self.follow()
        self.limits = Limits(settings)
        #: Lines of answers that were prepared once, by table, path, kind, version and form.
        self.lines: dict[tuple[str, str, str, int, Form], FileLine] = {}
        self.audit = AuditLog(self.calls_path)

    @property
    def calls_path(self) -> Path:
        """The audit log, and the needs that were handed in."""
        return self.settings.store / "calls.sqlite"

    @property
    def tables(self) -> Tables:
        """The Delta tables, wherever they lie."""
        return self.storage.tables

    @property
    def addresses(self) -> Addresses:
        """What gives out addresses of files."""
        return self.storage.addresses

    def follow(self) -> None:
        """Go where the tables lie by now: an agency may choose a bucket, or other addresses, while this server runs.

        Raises:
            StoreUnusable: objects.json can't be read.
        """
        try:
            found = place_file(self.settings.store).stat()
        except FileNotFoundError:
            place = None
        else:
            place = (found.st_ino, found.st_mtime_ns)
        if place != self._place:
            self.storage = open_storage(self.settings, self.gateway_addresses)
            self._place = place

    def close(self) -> None:
        """End the writer of the audit log and let the files go."""
        self.audit.close()
        self.state.close()

    async def recorded(self, call: Call, answer: Answer) -> Answer:
        """The answer once its row is on the disk; where that fails a 500 instead of it."""
        try:
            await self.audit.record(call.entry(answer.status, len(answer.body)))
        except sqlite3.Error as error:
            return refusal(call, unrecorded(call, error))
        return answer

    def known(self, call: Call, state: State, digest: str | None) -> Token:
        """The good token with that SHA-256; also counts the call.

        Raises:
            CallRefused: 401 where it isn't good, 429 where there are too many.
        """
        token = state.token(digest) if digest else None
        if token is None or digest is None or not hmac.compare_digest(token.hash, digest):
            self.limits.stranger(call.client)
            raise CallRefused(
                401, "UNAUTHENTICATED", "send the bearer token of your profile file; this one isn't known"
            )
        call.token = token
        if reason := token.refusal(call.now):
            self.limits.stranger(call.client)
            raise CallRefused(401, "UNAUTHENTICATED", f"{reason}: ask the agency for a new profile file")
        self.limits.call(token.bureau)
        return token


Handler = Callable[[Server, Call, State], Answer]


class Endpoint:
    """An ASGI application of one endpoint: the call's whole life, from its token to its row in the audit log."""

    def __init__(self, server: Server, action: str, handler: Handler, *, authenticated: bool = True) -> None:
        self.server, self.action, self.handler = server, action, handler
        self.authenticated = authenticated

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call; nothing is sent before its row is on the disk."""
        call = Call.of(scope, self.action)
        try:
            answer = await self._answered(call, receive)
        except Exception as error:
            # A fault of this program: the row says so, and the outermost application answers 500.
            call.detail = type(error).__name__
            await self.server.audit.record(call.entry(500, 0))
            raise
        await send_answer(send, call, await self.server.recorded(call, answer))

    async def _answered(self, call: Call, receive: Receive) -> Answer:
        try:
            if call.method == "POST":
                call.body = await read_body(receive, call.headers, self.server.settings.body_bytes)
            while True:
                try:
                    return self._answer(call)
                except StillAway as away:
                    await self.server.tables.fetch(away.table_id, away.version)
        except CallRefused as error:
            call.detail = call.detail or error.message
            return refusal(call, error)
        except (StoreDamaged, StoreUnusable, sqlite3.Error, OSError) as error:
            return refusal(call, damaged(call, error))

    def _answer(self, call: Call) -> Answer:
        self.server.follow()
        with self.server.state.reading() as state:
            if self.authenticated:
                self.server.known(call, state, call.bearer_hash())
            return self.handler(self.server, call, state)


def unrecorded(call: Call, error: sqlite3.Error) -> CallRefused:
    """500 for a call whose audit row can't be written; the server's own log says why."""
    _LOG.error("request %s was not answered, for the audit log can't be written: %s", call.request, error)
    return CallRefused(500, "INTERNAL_ERROR", "the audit log can't be written, and so nothing is served")


def damaged(call: Call, error: Exception) -> CallRefused:
    """500 for a store that can't be read as it should; the reason goes into the audit log, not to the client."""
    call.detail = f"{type(error).__name__}: {error}"
    return CallRefused(500, "INTERNAL_ERROR", "the store can't serve this now, and nothing of it was served")
