"""Listings of the protocol: shares, schemas and tables, of which each bureau sees those that are granted to it."""

from __future__ import annotations

from collections.abc import Sequence

from opendata_sharing import signed_tokens
from opendata_sharing.calls import Answer, Call, json_answer
from opendata_sharing.errors import invalid, not_found
from opendata_sharing.records import Token
from opendata_sharing.server import Server
from opendata_sharing.state import Grants, State

_PAGE = 500


def list_shares(server: Server, call: Call, state: State) -> Answer:
    """GET /shares: the agency's one share, for a bureau that may read something of it."""
    names, items = [], []
    if _grants(call, state).ordered:
        names = [state.agency.share]
        items = [json_answer(_share(state)).body]
    return _page(server, call, "shares", names, items)


def get_share(_server: Server, call: Call, state: State) -> Answer:
    """GET /shares/{share}."""
    _grants_of_share(call, state)
    return json_answer({"share": _share(state)})


def list_schemas(server: Server, call: Call, state: State) -> Answer:
    """GET /shares/{share}/schemas."""
    _grants_of_share(call, state)
    schema = {"name": state.agency.schema, "share": state.agency.share}
    return _page(server, call, "schemas", [state.agency.schema], [json_answer(schema).body])


def list_tables(server: Server, call: Call, state: State) -> Answer:
    """GET /shares/{share}/schemas/{schema}/tables."""
    grants = _grants_of_share(call, state)
    if call.parameters["schema"].casefold() != state.agency.schema.casefold():
        raise not_found()
    return _page(server, call, "tables", list(grants.by_name), grants.listed)


def list_all_tables(server: Server, call: Call, state: State) -> Answer:
    """GET /shares/{share}/all-tables."""
    grants = _grants_of_share(call, state)
    return _page(server, call, "all-tables", list(grants.by_name), grants.listed)


def _share(state: State) -> dict[str, str]:
    return {"name": state.agency.share, "id": state.agency.id, "displayName": state.agency.name}


def _token(call: Call) -> Token:
    return call.who


def _grants(call: Call, state: State) -> Grants:
    return state.grants(_token(call).bureau, call.now)


def _grants_of_share(call: Call, state: State) -> Grants:
    grants = _grants(call, state)
    if call.parameters["share"].casefold() != state.agency.share.casefold() or not grants.ordered:
        raise not_found()
    return grants


def _page(server: Server, call: Call, what: str, names: Sequence[str], items: Sequence[bytes]) -> Answer:
    """One page; its token names the last item that was given, so that what is granted meanwhile shifts nothing."""
    wanted = call.number("maxResults")
    size = _PAGE if wanted is None else min(wanted, _PAGE)
    start = 0
    after = ""
    if token := call.query.get("pageToken"):
        said = signed_tokens.take(server.keys, f"list {what}", token)
        if said is None or said.get("bureau") != _token(call).bureau or not isinstance(said.get("after"), str):
            raise invalid("pageToken isn't one that this listing gave to this bureau")
        after = said["after"]
        start = next((place for place, name in enumerate(names) if name > after), len(names))
    end = start + size
    body = b'{"items":[' + b",".join(items[start:end]) + b"]"
    if end < len(items):
        after = names[end - 1] if size else after
        given = signed_tokens.give(server.keys, f"list {what}", {"bureau": _token(call).bureau, "after": after})
        body += b',"nextPageToken":"' + given.encode() + b'"'
    return Answer(200, body + b"}", [("content-type", "application/json; charset=utf-8")])
