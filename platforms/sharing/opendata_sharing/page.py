"""The page for people of a bureau: log in with the token, see what is shared, hand in a need; without scripts."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from opendata_sharing import audit, sessions
from opendata_sharing.calls import Answer, Call, json_answer
from opendata_sharing.errors import CallRefused, not_found
from opendata_sharing.needs import read_need
from opendata_sharing.overview import overview
from opendata_sharing.records import Granted
from opendata_sharing.server import Server
from opendata_sharing.state import State

_TEMPLATES = Environment(
    loader=PackageLoader("opendata_sharing", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PUBLIC_KEY = re.compile(r"receipts-[A-Za-z0-9]{1,64}\.pub")
_ENTRIES = 1000


def show(server: Server, call: Call, state: State) -> Answer:
    """GET /: the bureau's page, or the form to log in."""
    token = sessions.logged_in(server, call, state)
    if token is None:
        return _html("login.html", agency=state.agency, fault="")
    proof = sessions.form_proof(server, call)
    handed = call.query.get("handed", "") == "in"
    return _html("overview.html", proof=proof, handed=handed, **overview(server, call, state, token))


def log_in(server: Server, call: Call, state: State) -> Answer:
    """POST /login: take the token from the form, give a session."""
    sessions.require_own_site(call)
    digest = hashlib.sha256(sessions.form_fields(call).get("token", "").strip().encode()).hexdigest()
    try:
        server.known(call, state, digest)
    except CallRefused as error:
        call.detail = error.message
        return _html("login.html", error.status, agency=state.agency, fault=error.message)
    return _to_page(sessions.cookie(server, call, digest))


def log_out(server: Server, call: Call, state: State) -> Answer:
    """POST /logout."""
    sessions.require_own_site(call)
    if sessions.logged_in(server, call, state) is not None:
        sessions.require_proof(server, call, sessions.form_fields(call))
    return _to_page(sessions.no_cookie(call))


def hand_in_need(server: Server, call: Call, state: State) -> Answer:
    """POST /needs: keep a need for the agency's review."""
    sessions.require_own_site(call)
    token = sessions.logged_in(server, call, state)
    if token is None:
        raise CallRefused(401, "UNAUTHENTICATED", "log in first")
    fields = sessions.form_fields(call)
    sessions.require_proof(server, call, fields)
    document = read_need(fields, state)
    audit.add_need(
        server.calls_path, str(uuid.uuid4()), call.now, token.bureau, json.dumps(document, ensure_ascii=False)
    )
    call.detail = f"need for {document['dataset']}"
    return _to_page(location="/?handed=in")


def own_audit(server: Server, call: Call, state: State) -> Answer:
    """GET /audit?after=N: the bureau's own rows of the audit log, with all that it takes to check them."""
    token = sessions.by_bearer_or_session(server, call, state)
    limit = call.number("limit")
    after = call.number("after") or 0
    found = audit.slice_of(server.calls_path, token.bureau, after, _ENTRIES if limit is None else min(limit, _ENTRIES))
    return json_answer(found)


def receipt(server: Server, call: Call, state: State) -> Answer:
    """GET /receipts/{table}/{version}: the signed receipt of a version that the bureau may read."""
    token = sessions.by_bearer_or_session(server, call, state)
    granted = _granted(state, token.bureau, call.parameters["table"], call.now)
    version = call.parameters["version"]
    served = {str(one.version) for one in state.versions(granted.table)} if granted else set()
    if granted is None or version not in served or not (granted.access.history or version == str(granted.version)):
        raise not_found()
    call.granted, call.version = granted, int(version)
    path = server.settings.store / "receipts" / granted.table.id / f"{version}.json"
    if not path.is_file():
        raise not_found()
    name = f'attachment; filename="{granted.table.id}-{version}.json"'
    return Answer(200, path.read_bytes(), [("content-type", "application/json"), ("content-disposition", name)])


def public_key(server: Server, call: Call, _state: State) -> Answer:
    """GET /keys/{name}: the public half of a key that signs receipts; anybody may have it."""
    server.limits.stranger(call.client)
    name = call.parameters["name"]
    path = server.settings.store / "keys" / name
    if not _PUBLIC_KEY.fullmatch(name) or not path.is_file():
        raise not_found()
    return Answer(200, path.read_bytes(), [("content-type", "application/x-pem-file")])


def style(_server: Server, _call: Call, _state: State) -> Answer:
    """GET /page.css."""
    content = files("opendata_sharing").joinpath("pages", "page.css").read_bytes()
    return Answer(200, content, [("content-type", "text/css; charset=utf-8")])


def _granted(state: State, bureau: str, table_id: str, now: str) -> Granted | None:
    ordered = state.grants(bureau, now).ordered
    return next((granted for granted in ordered if granted.table.id == table_id), None)


def _html(template: str, status: int = 200, **values: Any) -> Answer:
    body = _TEMPLATES.get_template(template).render(**values).encode()
    headers = [("content-type", "text/html; charset=utf-8"), ("content-security-policy", _POLICY)]
    headers.append(("referrer-policy", "same-origin"))
    return Answer(status, body, headers)


def _to_page(*headers: tuple[str, str], location: str = "/") -> Answer:
    return Answer(303, b"", [("location", location), *headers])
