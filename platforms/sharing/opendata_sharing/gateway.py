"""The file gateway: a signed address gets its bytes while the access, the token and the file behind it are good."""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from opendata_sharing.calls import Call, refusal, send_answer
from opendata_sharing.errors import CallRefused, StoreDamaged, StoreUnusable, forbidden
from opendata_sharing.ranges import Part, wanted_part
from opendata_sharing.records import DataFile
from opendata_sharing.server import Server, damaged, unrecorded
from opendata_sharing.state import State
from opendata_sharing.storage import OpenedFile


@dataclass(frozen=True, slots=True)
class _Opened:
    content: OpenedFile
    part: Part
    file: DataFile


class FileGateway:
    """An ASGI application of GET and HEAD /files/{table}/{file}."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file; its row is on the disk before its first byte leaves, with the bytes that were asked for."""
        call = Call.of(scope, "file")
        try:
            opened = await self._open(call)
        except CallRefused as error:
            call.detail = call.detail or error.message
            answer = refusal(call, error)
            await send_answer(send, call, await self._server.recorded(call, answer))
            return
        bureau = call.who.bureau
        self._server.limits.begin(bureau)
        try:
            part = opened.part
            status = 200 if part.whole else 206
            call.detail = f"{opened.file.path} {part.start}-{part.end}/{part.size}"
            length = 0 if call.method == "HEAD" else part.length
            try:
                await self._server.audit.record(call.entry(status, length))
            except sqlite3.Error as error:
                await send_answer(send, call, refusal(call, unrecorded(call, error)))
                return
            await send({"type": "http.response.start", "status": status, "headers": _headers(call, opened)})
            await _send_bytes(send, opened, length)
        finally:
            self._server.limits.end(bureau)
            opened.content.close()

    async def _open(self, call: Call) -> _Opened:
        try:
            self._server.follow()
            with self._server.state.reading() as state:
                file = self._allowed(call, state)
            etag = call.headers.get("if-range")
            header = call.headers.get("range") if etag in (None, f'"{file.sha256}"') else None
            part = wanted_part(header, file.size)
            self._server.limits.file(call.who.bureau, 0 if call.method == "HEAD" else part.length)
            return _Opened(await self._server.storage.files.open(call.what.table.id, file), part, file)
        except (StoreDamaged, StoreUnusable, sqlite3.Error, OSError) as error:
            raise damaged(call, error) from error

    def _allowed(self, call: Call, state: State) -> DataFile:
        """The file that the address leads to, if who got the address may still have it.

        Raises:
            CallRefused: 403; 410 where it was removed, after the time that the agency promised to keep it.
        """
        table_id, identifier = call.parameters["table"], call.parameters["file"]
        query = call.scope["query_string"].decode("latin-1")
        place = f"/files/{table_id}/{identifier}"
        holder = self._server.gateway_addresses.check(place, query, call.seconds)
        token = state.token_beginning(holder.token)
        if token is None or not hmac.compare_digest(token.hash[: len(holder.token)], holder.token):
            raise forbidden("the token that this address was given to is gone")
        call.token = token
        if reason := token.refusal(call.now):
            raise forbidden(reason)
        access = state.access(holder.access)
        call.granted = state.granted(access, call.now) if access is not None else None
        if call.granted is None or call.granted.access.bureau != token.bureau or call.granted.table.id != table_id:
            raise forbidden("the access that this address was given for is over")
        file = state.file(table_id, identifier)
        if file is None:
            raise CallRefused(410, "RESOURCE_DOES_NOT_EXIST", "this file is no longer kept: ask for the table again")
        call.version = file.first_version
        return file


def _headers(call: Call, opened: _Opened) -> list[tuple[bytes, bytes]]:
    part = opened.part
    said = {
        "content-type": "application/vnd.apache.parquet",
        "content-length": str(part.length),
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "etag": f'"{opened.file.sha256}"',
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-request-id": call.request,
    }
    if not part.whole:
        said["content-range"] = f"bytes {part.start}-{part.end - 1}/{part.size}"
    return [(name.encode(), value.encode("latin-1")) for name, value in said.items()]


async def _send_bytes(send: Send, opened: _Opened, length: int) -> None:
    """Send so many bytes, no more than a block in memory; `send` waits where the reader is slow.

    Raises:
        StoreDamaged: the file was changed meanwhile; the connection breaks before a byte of it leaves.
    """
    place, end = opened.part.start, opened.part.start + length
    while place < end:
        block = await opened.content.read(place, min(opened.content.block, end - place))
        place += len(block)
        await send({"type": "http.response.body", "body": block, "more_body": place < end})
        del block  # not to have two in memory while the next is read
    if not length:
        await send({"type": "http.response.body", "body": b""})
