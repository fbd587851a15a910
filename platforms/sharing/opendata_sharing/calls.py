"""One call of a client: what was asked, what is known of who asks, and what is answered."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from opendata_sharing import instants
from opendata_sharing.audit import Entry
from opendata_sharing.errors import CallRefused, invalid, malformed
from opendata_sharing.records import Granted, Token

NDJSON = "application/x-ndjson; charset=utf-8"
#: Request ids: what marks this process, then a counter. Randomness for each would cost more than it is worth.
_PROCESS = secrets.token_hex(4)
_CALLS = itertools.count(1)
_TOKEN = re.compile(r"[Bb]earer ([\x21-\x7e]{1,512})")
_NUMBER = re.compile(r"[0-9]{1,18}")
#: What an audit row keeps of a request line that nobody knows, and of other details.
_LONGEST_DETAIL = 200


@dataclass(slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Call:
    """What was asked; who asks and for what is filled in as it becomes known, for the audit log."""

    scope: Scope
    action: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    seconds: float
    now: str
    request: str
    body: bytes = b""
    token: Token | None = None
    granted: Granted | None = None
    version: int | None = None
    detail: str = ""
    longest_detail: int = _LONGEST_DETAIL

    @classmethod
    def of(cls, scope: Scope, action: str) -> Call:
        """The call that an ASGI scope describes, begun now."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        seconds = time.time()
        return cls(scope, action, headers, query, seconds, instants.written(seconds), f"{_PROCESS}{next(_CALLS):08x}")

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self.scope["method"])

    @property
    def who(self) -> Token:
        """The token of who asks, once it is known to be good."""
        if self.token is None:
            raise RuntimeError("nobody has looked at the token of this call yet")
        return self.token

    @property
    def what(self) -> Granted:
        """The table that is asked for, once it is known to be granted."""
        if self.granted is None:
            raise RuntimeError("nobody has looked for the table of this call yet")
        return self.granted

    @property
    def parameters(self) -> Mapping[str, str]:
        """What the path says."""
        found: Mapping[str, str] = self.scope["path_params"]
        return found

    @property
    def client(self) -> str:
        """The address that the call came from."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    def bearer_hash(self) -> str | None:
        """The SHA-256 (hex) of the bearer token that was sent; None: none was."""
        match = _TOKEN.fullmatch(self.headers.get("authorization", ""))
        return None if match is None else hashlib.sha256(match[1].encode()).hexdigest()

    def base(self, address: str) -> str:
        """How the client calls this server, unless the operator set an address."""
        if address:
            return address.rstrip("/")
        server = self.scope.get("server") or ("localhost", None)
        host = self.headers.get("host") or f"{server[0]}:{server[1]}"
        if not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]{1,255}", host):
            raise malformed("the Host header is no host")
        return f"{self.scope['scheme']}://{host}{self.scope.get('root_path', '')}"

    def number(self, name: str) -> int | None:
        """A whole number from 0 of the query; None: it wasn't sent.

        Raises:
            CallRefused: 400, it is something else.
        """
        text = self.query.get(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise invalid(f"{name} must be a whole number from 0")
        return int(text)

    def entry(self, status: int, size: int) -> Entry:
        """The audit row of this call."""
        token, granted = self.token, self.granted
        return Entry(
            self.now,
            token.bureau if token else None,
            token.prefix if token else None,
            granted.access.id if granted else None,
            self.method,
            self.action,
            granted.table.id if granted else None,
            self.version,
            status,
            size,
            _printable(self.detail, self.longest_detail),
            self.request,
        )


def _printable(text: str, longest: int) -> str:
    """Without control characters, which could forge lines where the log is shown."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:longest])


def json_answer(content: object, status: int = 200) -> Answer:
    """An answer of one JSON document."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, [("content-type", "application/json; charset=utf-8")])


def refusal(call: Call, error: CallRefused) -> Answer:
    """The answer to a call that is refused, as the protocol words it; a 500 names the request."""
    message = error.message if error.status < 500 else f"{error.message} (request {call.request})"
    answer = json_answer({"errorCode": error.code, "message": message}, error.status)
    answer.headers.extend(error.headers)
    if error.status == 401:
        answer.headers.append(("www-authenticate", "Bearer"))
    return answer


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """The body of a request, at most `limit` bytes.

    Raises:
        CallRefused: 413.
    """
    too_large = CallRefused(413, "INVALID_PARAMETER_VALUE", f"the body of a request may have {limit} bytes")
    if _NUMBER.fullmatch(length := headers.get("content-length", "0")) and int(length) > limit:
        raise too_large
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise malformed("the client went away")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > limit:
            raise too_large
    return b"".join(parts)


async def send_answer(send: Send, call: Call, answer: Answer) -> None:
    """Send it; a HEAD gets the headers of what a GET would get."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    headers.append((b"x-request-id", call.request.encode()))
    headers.append((b"x-content-type-options", b"nosniff"))
    headers.append((b"cache-control", b"private, no-store"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else answer.body})
