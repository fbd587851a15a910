"""What a query or a call for changes is answered with: lines of files, page by page, with addresses for who asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from opendata_sharing import instants, signed_tokens
from opendata_sharing.addresses import Holder
from opendata_sharing.calls import NDJSON, Answer, Call
from opendata_sharing.capabilities import Capabilities, Form
from opendata_sharing.delta_log import Action
from opendata_sharing.errors import invalid
from opendata_sharing.lines import FileLine, end_line, file_line
from opendata_sharing.requests import Asked
from opendata_sharing.server import Server

_PAGES = "page of files"
_REFRESH = "refresh of addresses"
#: What an audit row keeps of the files that an answer gave out for good: some hundreds, and their number in any case.
_LONGEST_GIVEN = 20_000
#: Lines of some kilobyte each.
_KEPT = 20_000


class FileEntry(NamedTuple):
    """A file that an answer names: as what, by which action, of which version and its instant (milliseconds)."""

    kind: str
    action: Action
    version: int
    at: int


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer before its addresses: the leading lines, then those of files and of metadata in between, as texts."""

    form: Form
    capabilities: Capabilities
    version: int
    first_lines: tuple[str, ...]
    lines: Sequence[FileEntry | str]


def pinned_by_page(server: Server, call: Call, asked: Asked) -> dict[str, Any] | None:
    """What the page token says, if one was sent: `version` to answer from, `offset`, and where changes end, `ending`.

    Raises:
        CallRefused: 400, it is over, or was given for another bureau, table or question.
    """
    if asked.page_token is None:
        return None
    said = _taken(server, call, _PAGES, asked.page_token, "pageToken")
    if said.get("asked") != asked.digest():
        raise invalid("pageToken was given for another question: send the same parameters with every page")
    return said


def pinned_by_refresh(server: Server, call: Call, token: str) -> int:
    """The version that a refresh token holds on to.

    Raises:
        CallRefused: 400, it is over, or was given for another bureau or table.
    """
    return int(_taken(server, call, _REFRESH, token, "refreshToken")["version"])


def _taken(server: Server, call: Call, purpose: str, token: str, name: str) -> dict[str, Any]:
    said = signed_tokens.take(server.keys, purpose, token)
    if said is None or said.get("for") != _recipient(call):
        raise invalid(f"{name} isn't one that was given to this bureau for this table")
    if said["until"] <= call.seconds:
        raise invalid(f"{name} is over: ask anew without it")
    return said


def _recipient(call: Call) -> str:
    return f"{call.what.access.id} {call.what.table.id}"


def answer(
    server: Server, call: Call, asked: Asked, stream: Stream, offset: int = 0, ending: int | None = None
) -> Answer:
    """The answer of a stream, or of its page from `offset` on; `ending` is the last version of changes."""
    addresses = server.addresses
    until = int(call.seconds) + addresses.seconds
    size = len(stream.lines) if asked.max_files is None else asked.max_files
    page = stream.lines[offset : offset + size]
    base = call.base(server.settings.address)
    holder = Holder(call.what.access.id, call.who.hash)
    table_id = call.what.table.id

    given: list[str] = []

    def give(path: str) -> str:
        given.append(path)
        return addresses.give(base, table_id, path, holder, until)

    parts = [*stream.first_lines]
    for line in page:
        if isinstance(line, str):
            parts.append(line)
        else:
            parts.append(_prepared(server, table_id, stream.form, line).with_addresses(give, until))
    if stream.capabilities.end_stream_action or asked.max_files is not None or asked.include_refresh_token:
        kept = {"for": _recipient(call), "version": stream.version, "until": until}
        refresh = following = None
        if asked.include_refresh_token or asked.refresh_token is not None:
            refresh = signed_tokens.give(server.keys, _REFRESH, kept)
        if offset + size < len(stream.lines):
            following = signed_tokens.give(
                server.keys, _PAGES, {**kept, "offset": offset + size, "asked": asked.digest(), "ending": ending}
            )
        parts.append(end_line(refresh, following, until if page else None))
    call.version = stream.version
    if not addresses.watched and given:
        call.detail = f"{len(given)} presigned until {instants.written(until)}: {' '.join(given)}"
        call.longest_detail = _LONGEST_GIVEN
    return Answer(200, "".join(parts).encode(), headers(stream.form, stream.capabilities, stream.version, asked))


def _prepared(server: Server, table_id: str, form: Form, entry: FileEntry) -> FileLine:
    """The line of a file; a version never changes, so its lines are kept."""
    key = (table_id, str(entry.action["path"]), entry.kind, entry.version, form)
    line = server.lines.get(key)
    if line is None:
        if len(server.lines) >= _KEPT:
            server.lines.clear()
        line = server.lines[key] = file_line(form, entry.kind, entry.action, entry.version, entry.at)
    return line


def headers(form: Form, capabilities: Capabilities, version: int, asked: Asked | None = None) -> list[tuple[str, str]]:
    """The headers of an answer in that form."""
    said = f"responseformat={form.format}"
    if capabilities.end_stream_action or (asked and (asked.max_files is not None or asked.include_refresh_token)):
        said += ";includeEndStreamAction=true"
    return [
        ("content-type", NDJSON),
        ("delta-table-version", str(version)),
        ("delta-sharing-capabilities", said),
        ("fileidhash", form.file_ids),
    ]


def joined(parts: Iterable[str]) -> bytes:
    """Lines as the body of an answer."""
    return "".join(parts).encode()
