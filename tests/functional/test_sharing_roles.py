"""Every address of the sharing server, tried with every role's token; an address without a line in the table fails."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opendata_sharing.app import create_app
from opendata_sharing.settings import Settings
from starlette.routing import Route

from tests.sharing_servers import RunningServer, running_server, table_path, urls
from tests.sharing_store import PAST, SharingStore, sample_rows

ROLES = ("none", "garbage", "expired", "revoked", "removed", "other", "no history", "granted")
_NOBODY = {"none": 401, "garbage": 401, "expired": 401, "revoked": 401, "removed": 401}


def _statuses(other: int, no_history: int, granted: int) -> Mapping[str, int]:
    return {**_NOBODY, "other": other, "no history": no_history, "granted": granted}


_SAME = dict.fromkeys(ROLES, 200)
_TABLE = "/delta-sharing/shares/{share}/schemas/{schema}/tables/{table}"
#: (method, path) → what each role gets. Other is a bureau that may read another table.
EXPECTED: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("GET", "/delta-sharing/shares"): _statuses(200, 200, 200),
    ("GET", "/delta-sharing/shares/{share}"): _statuses(200, 200, 200),
    ("GET", "/delta-sharing/shares/{share}/schemas"): _statuses(200, 200, 200),
    ("GET", "/delta-sharing/shares/{share}/schemas/{schema}/tables"): _statuses(200, 200, 200),
    ("GET", "/delta-sharing/shares/{share}/all-tables"): _statuses(200, 200, 200),
    ("HEAD", _TABLE): _statuses(404, 200, 200),
    ("GET", _TABLE + "/version"): _statuses(404, 200, 200),
    ("HEAD", _TABLE + "/version"): _statuses(404, 200, 200),
    ("GET", _TABLE + "/metadata"): _statuses(404, 200, 200),
    ("POST", _TABLE + "/query"): _statuses(404, 200, 200),
    ("GET", _TABLE + "/changes"): _statuses(404, 400, 200),
    ("POST", _TABLE + "/queries/{query}"): _statuses(404, 400, 400),
    ("POST", _TABLE + "/temporary-table-credentials"): _statuses(404, 400, 400),
    # A file address is its own proof: the role is the one that it was given to, not who sends it.
    ("GET", "/files/{table}/{file}"): {
        "none": 403,
        "garbage": 403,
        "expired": 403,
        "revoked": 403,
        "removed": 403,
        "other": 403,
        "no history": 200,
        "granted": 200,
    },
    ("HEAD", "/files/{table}/{file}"): {
        "none": 403,
        "garbage": 403,
        "expired": 403,
        "revoked": 403,
        "removed": 403,
        "other": 403,
        "no history": 200,
        "granted": 200,
    },
    # The form to log in, for anybody; the page itself needs a session, see test_sharing_page.py.
    ("GET", "/"): _SAME,
    ("HEAD", "/"): _SAME,
    ("POST", "/login"): _statuses(303, 303, 303),
    ("POST", "/logout"): dict.fromkeys(ROLES, 303),
    # A need is handed in by a session alone: a bearer token is nobody here.
    ("POST", "/needs"): dict.fromkeys(ROLES, 401),
    ("GET", "/audit"): _statuses(200, 200, 200),
    ("GET", "/receipts/{table}/{version}"): _statuses(404, 404, 200),
    ("GET", "/keys/{name}"): _SAME,
    ("GET", "/page.css"): _SAME,
    ("GET", "/{rest:path}"): dict.fromkeys(ROLES, 404),
}


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    tokens: dict[str, str]
    table: str
    files: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    store = SharingStore(tmp_path_factory.mktemp("sharing") / "store")
    permits, other = store.add_table("permits", sample_rows()), store.add_table("other", sample_rows())
    permits.write(sample_rows(4), mode="overwrite")
    tokens = {role: store.add_bureau(role.replace(" ", "-")) for role in ROLES[2:]}
    for role in ROLES[2:]:
        bureau = role.replace(" ", "-")
        store.grant(bureau, other if role == "other" else permits, history=role != "no history")
    for version in range(2):
        receipt = store.folder / "receipts" / permits.id / f"{version}.json"
        receipt.parent.mkdir(parents=True, exist_ok=True)
        receipt.write_text("{}", "utf-8")
    (store.folder / "keys").mkdir(exist_ok=True)
    (store.folder / "keys" / "receipts-1.pub").write_text("key", "utf-8")
    settings = {"strangers_burst": "100000", "strangers_per_second": "100000"}
    with running_server(store.folder, settings=settings) as server:
        files = {}
        for role, token in tokens.items():
            table = "other" if role == "other" else "permits"
            files[role] = urls(server.query(table_path(store, table), token))[0].removeprefix(server.address)
        _end_roles(store, tokens)
        tokens |= {"garbage": "garbage"}
        yield Office(store, server, tokens, permits.id, files)


def _end_roles(store: SharingStore, tokens: Mapping[str, str]) -> None:
    """They could all read before."""

    def digest(role: str) -> str:
        return hashlib.sha256(tokens[role].encode()).hexdigest()

    store.execute("UPDATE token SET expires_at = ? WHERE hash = ?", PAST, digest("expired"))
    store.execute("UPDATE token SET revoked_at = ? WHERE hash = ?", PAST, digest("revoked"))
    store.execute("UPDATE bureau SET removed_at = ? WHERE id = 'removed'", PAST)


def _routes(folder: Path) -> set[tuple[str, str]]:
    """Every method and path that the application itself has."""
    app = create_app(Settings(folder))
    found = set()
    for route in app.routes:
        assert isinstance(route, Route)
        methods = set(route.methods or {"GET"})
        if route.path != "/" and not route.path.endswith(("/version", "{table}")) and "/files/" not in route.path:
            methods -= {"HEAD"}  # Starlette adds it to each GET; these answer it as they answer GET
        found |= {(method, route.path) for method in methods}
    app.state.server.close()
    return found


def test_every_address_of_the_application_has_its_line_here(tmp_path: Path) -> None:
    SharingStore(tmp_path / "store")
    assert _routes(tmp_path / "store") == set(EXPECTED)


def _target(office: Office, path: str, role: str) -> str:
    names = {"share": office.store.share, "schema": "resources", "query": "7", "version": "0", "rest:path": "nowhere/x"}
    names |= {"name": "receipts-1.pub", "table": office.table if path.startswith("/receipts") else "permits"}
    if path.startswith("/files"):
        own = office.files.get("permits" if role in ("none", "garbage") else role, office.files["granted"])
        if role in ("none", "garbage"):
            return own.rpartition("&sig=")[0] + ("&sig=" + "A" * 43 if role == "garbage" else "")
        return own.replace(own.split("/")[2], office.table)
    filled = re.sub(r"{([a-z:]+)}", lambda match: names[match[1]], path)
    return filled + ("?startingVersion=0" if path.endswith("/changes") else "")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), EXPECTED)
def test_each_role_gets_what_the_table_says(office: Office, method: str, path: str, role: str) -> None:
    token = None if path.startswith("/files") else office.tokens.get(role)
    body: bytes | None = b"{}" if method == "POST" else None
    if path == "/login":
        body = f"token={office.tokens.get(role, '')}".encode()
    answer = office.server.call(method, office.server.address + _target(office, path, role), token, body)
    assert answer.status == EXPECTED[method, path][role], answer.body


@pytest.mark.parametrize(
    ("role", "listed"), [("other", ["other"]), ("no history", ["permits"]), ("granted", ["permits"])]
)
def test_each_role_sees_its_own_tables_alone(office: Office, role: str, listed: list[str]) -> None:
    items = office.server.get(f"/shares/{office.store.share}/all-tables", office.tokens[role]).json()["items"]
    assert [item["name"] for item in items] == listed


def test_names_of_keys_lead_to_public_halves_alone(office: Office) -> None:
    (secret,) = (path.name for path in (office.store.folder / "keys").glob("url-*.key"))
    for name in (secret, "receipts-1.pem", "..%2Fstate.sqlite", "receipts-..pub", "receipts-%2e%2e%2fx.pub"):
        assert office.server.get(f"{office.server.address}/keys/{name}").status == 404
