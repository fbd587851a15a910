"""Reading a table over the protocol: its version, its metadata, its files, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opendata_sharing import streams
from opendata_sharing.calls import Answer, Call
from opendata_sharing.capabilities import Capabilities, Form, negotiated, readable_protocol, said_capabilities
from opendata_sharing.delta_log import Action, Commit, Snapshot
from opendata_sharing.errors import invalid, unsupported
from opendata_sharing.lines import has_changes, metadata_line, protocol_line
from opendata_sharing.records import Granted
from opendata_sharing.requests import Asked, read_changes, read_query
from opendata_sharing.server import Server
from opendata_sharing.skipping import files_left
from opendata_sharing.state import State
from opendata_sharing.versions import (
    asked_version,
    find_table,
    instants_of,
    require_history,
    require_served,
    version_at_or_after,
    version_at_or_before,
)


def get_version(_server: Server, call: Call, state: State) -> Answer:
    """GET …/version, and HEAD of the table itself: the latest version, or the first since startingTimestamp."""
    granted = find_table(call, state)
    version = granted.version
    if (since := call.query.get("startingTimestamp")) is not None:
        require_history(granted)
        version = version_at_or_after(state, granted, since, "startingTimestamp")
    call.version = version
    return Answer(200, b"", [("delta-table-version", str(version))])


def get_metadata(server: Server, call: Call, state: State) -> Answer:
    """GET …/metadata, of the latest version or of one that is asked for."""
    granted = find_table(call, state)
    version = asked_version(call, state, call.number("version"), call.query.get("timestamp"))
    snapshot = server.tables.snapshot(state, granted, version)
    capabilities, form, protocol = _negotiated(call, snapshot, snapshot.adds.values())
    call.version = version
    body = streams.joined((protocol_line(form, protocol), _metadata(form, granted, snapshot, version)))
    return Answer(200, body, streams.headers(form, capabilities, version))


def query(server: Server, call: Call, state: State) -> Answer:
    """POST …/query: the files of a snapshot, or what versions since startingVersion added and removed."""
    granted = find_table(call, state)
    asked = read_query(call.body)
    page = streams.pinned_by_page(server, call, asked)
    if asked.starting_version is not None:
        require_history(granted)
        start = require_served(granted, asked.starting_version, "startingVersion")
        end = _end(page, granted.version if asked.ending_version is None else asked.ending_version)
        return _changed(server, call, state, asked, page, start, end)
    if page is not None:
        version = require_served(granted, int(page["version"]), "version")
    elif asked.refresh_token is not None:
        pinned = streams.pinned_by_refresh(server, call, asked.refresh_token)
        version = require_served(granted, pinned, "version")
    else:
        version = asked_version(call, state, asked.version, asked.timestamp)
    snapshot = server.tables.snapshot(state, granted, version)
    capabilities, form, protocol = _negotiated(call, snapshot, snapshot.adds.values())
    first_lines = (protocol_line(form, protocol), _metadata(form, granted, snapshot, version))
    at = instants_of(state, granted).get(version, 0)
    files = files_left(snapshot, asked.predicate_hints, asked.json_predicate_hints, asked.limit_hint)
    lines = [streams.FileEntry("file", add, version, at) for add in files]
    stream = streams.Stream(form, capabilities, version, first_lines, lines)
    return streams.answer(server, call, asked, stream, int(page["offset"]) if page else 0)


def get_changes(server: Server, call: Call, state: State) -> Answer:
    """GET …/changes: the change data feed, both ends included."""
    granted = find_table(call, state)
    require_history(granted)
    asked = read_changes(call)
    page = streams.pinned_by_page(server, call, asked)
    if asked.starting_version is not None:
        start = require_served(granted, asked.starting_version, "startingVersion")
    else:
        start = version_at_or_after(state, granted, str(asked.starting_timestamp), "startingTimestamp")
    end = granted.version
    if asked.ending_version is not None:
        end = asked.ending_version
    elif asked.ending_timestamp is not None:
        end = version_at_or_before(state, granted, asked.ending_timestamp, "endingTimestamp", call.seconds)
    return _changed(server, call, state, asked, page, start, _end(page, end), feed=True)


def refuse_asynchronous(_server: Server, call: Call, state: State) -> Answer:
    """POST …/queries/{id}: this server answers every query at once, and so never gives out such an id."""
    find_table(call, state)
    raise unsupported("queries are answered at once here: there is none to wait for")


def refuse_credentials(_server: Server, call: Call, state: State) -> Answer:
    """POST …/temporary-table-credentials: files are had by their addresses alone."""
    find_table(call, state)
    raise unsupported("this server gives no credentials of a storage: ask for the table's files by a query")


def _end(page: dict[str, int] | None, end: int) -> int:
    """Where changes end: on later pages where they did on the first."""
    return int(page["ending"]) if page else end


def _negotiated(call: Call, snapshot: Snapshot, actions: Iterable[Action]) -> tuple[Capabilities, Form, Action]:
    """What the client can, the form of the answer, and the protocol that a reader of those actions must know."""
    capabilities = said_capabilities(call.headers.get("delta-sharing-capabilities"))
    has_vectors = any(action.get("deletionVector") for action in actions)
    protocol = readable_protocol(snapshot.protocol, has_vectors=has_vectors)
    return (
        capabilities,
        negotiated(capabilities, call.headers.get("fileidhash"), protocol, snapshot.metadata),
        protocol,
    )


def _metadata(form: Form, granted: Granted, snapshot: Snapshot, version: int) -> str:
    earliest = granted.table.first_version if granted.access.history else None
    return metadata_line(form, snapshot, version, earliest)


def _changed(
    server: Server,
    call: Call,
    state: State,
    asked: Asked,
    page: dict[str, int] | None,
    start: int,
    end: int,
    *,
    feed: bool = False,
) -> Answer:
    """What versions `start` to `end` changed: with `feed` as the change data feed has it, else as files."""
    granted = call.what
    if end < start:
        raise invalid(f"the end, version {end}, is before the start, version {start}")
    end = min(end, granted.version)
    server.tables.snapshot(state, granted, end)
    first = server.tables.snapshot(state, granted, start)
    leading = first if asked.historical_metadata else server.tables.snapshot(state, granted, end)
    if feed and not (has_changes(first) and has_changes(leading)):
        raise unsupported("the change data feed of this table isn't on")
    commits = [server.tables.commit(state, granted, version) for version in range(start, end + 1)]
    changes = {commit.version: _changes(commit, feed) for commit in commits}
    actions = (action for told in changes.values() for _, action in told)
    capabilities, form, protocol = _negotiated(call, leading, actions)
    first_lines = (protocol_line(form, protocol), _metadata(form, granted, leading, start))
    lines: list[streams.FileEntry | str] = []
    instants = instants_of(state, granted)
    for commit in commits:
        if commit.version > start:
            lines.extend(_renewed(server, state, granted, form, commit, asked))
        at = instants.get(commit.version, 0)
        lines.extend(streams.FileEntry(kind, action, commit.version, at) for kind, action in changes[commit.version])
    stream = streams.Stream(form, capabilities, start, first_lines, lines)
    return streams.answer(server, call, asked, stream, int(page["offset"]) if page else 0, end)


def _changes(commit: Commit, feed: bool) -> list[tuple[str, Action]]:
    """(kind, action) of what a version tells. Rewriting alone (no dataChange) is left out; cdc stands for its files."""
    if feed and commit.cdcs:
        return [("cdc", action) for action in commit.cdcs]
    told = [("add", action) for action in commit.adds] + [("remove", action) for action in commit.removes]
    return [(kind, action) for kind, action in told if action.get("dataChange", True)]


def _renewed(server: Server, state: State, granted: Granted, form: Form, commit: Commit, asked: Asked) -> Iterator[str]:
    """The protocol and metadata that a version brought, for a client that wants to see them change."""
    if commit.protocol is not None and asked.historical_protocol:
        yield protocol_line(form, commit.protocol)
    if commit.metadata is not None and asked.historical_metadata:
        yield _metadata(form, granted, server.tables.snapshot(state, granted, commit.version), commit.version)
