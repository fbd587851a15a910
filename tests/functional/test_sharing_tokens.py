"""Who may call the sharing server: tokens, their end, revocation at the next request, and limits (S1, S3, F54)."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sharing_servers import RunningServer, running_server, table_path, urls
from tests.sharing_store import PAST, SharedDelta, SharingStore, sample_rows


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    permits: SharedDelta
    token: str
    access: str

    @property
    def path(self) -> str:
        return table_path(self.store, "permits")

    def statuses(self, url: str) -> tuple[int, int, int]:
        """Of a listing's items, a query, and a file address that was given out before."""
        listing = self.server.get(f"/shares/{self.store.share}/all-tables", self.token)
        return listing.status, self.server.query(self.path, self.token).status, self.server.get(url).status


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    access = store.grant("tax", permits)
    with running_server(store.folder, settings={"strangers_burst": "1000"}) as server:
        yield Office(store, server, permits, token, access)


def test_no_token_and_a_bad_one_are_401_in_the_same_words(office: Office) -> None:
    """S1."""
    answers = [
        office.server.call("GET", "/shares", headers=headers)
        for headers in (
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {office.token}"},
            {"Authorization": f"Bearer {office.token}x"},
            {"Authorization": f"Bearer {office.token[:-1]}"},
            {"Authorization": "Bearer \xff"},
        )
    ]
    assert {answer.status for answer in answers} == {401}
    assert {answer.code() for answer in answers} == {"UNAUTHENTICATED"}
    assert len({answer.body for answer in answers}) == 1
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_a_token_ends_at_the_instant_that_its_profile_says(office: Office) -> None:
    """S1: to the second."""
    ends = datetime.now(UTC) + timedelta(seconds=3)
    token = office.store.add_bureau("tax", expires=ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert office.server.get("/shares", token).status == 200
    while datetime.now(UTC) < ends.replace(microsecond=0):
        time.sleep(0.05)
    answer = office.server.get("/shares", token)
    assert answer.status == 401
    assert "expired" in answer.json()["message"]


def test_two_tokens_overlap_while_one_is_changed_for_the_other(office: Office) -> None:
    """S1: rotation."""
    new = office.store.add_bureau("tax")
    assert [office.server.get("/shares", token).status for token in (office.token, new)] == [200, 200]
    digest = hashlib.sha256(office.token.encode()).hexdigest()
    office.store.execute("UPDATE token SET revoked_at = ? WHERE hash = ?", PAST, digest)
    assert [office.server.get("/shares", token).status for token in (office.token, new)] == [401, 200]


def _revoke_access(office: Office) -> None:
    office.store.execute("UPDATE access SET revoked_at = ? WHERE id = ?", PAST, office.access)


def _end_access(office: Office) -> None:
    office.store.execute("UPDATE access SET valid_to = ? WHERE id = ?", PAST, office.access)


def _delete_access(office: Office) -> None:
    office.store.execute("DELETE FROM access")


def _retire_table(office: Office) -> None:
    office.store.execute("UPDATE shared_table SET retired_at = ?", PAST)


def _revoke_token(office: Office) -> None:
    office.store.execute("UPDATE token SET revoked_at = ?", PAST)


def _expire_token(office: Office) -> None:
    office.store.execute("UPDATE token SET expires_at = ?", PAST)


def _remove_bureau(office: Office) -> None:
    office.store.execute("UPDATE bureau SET removed_at = ?", PAST)


@pytest.mark.parametrize(
    ("end", "api"),
    [
        (_revoke_access, 404),
        (_end_access, 404),
        (_delete_access, 404),
        (_retire_table, 404),
        (_revoke_token, 401),
        (_expire_token, 401),
        (_remove_bureau, 401),
    ],
)
def test_what_is_ended_is_refused_at_the_next_request(office: Office, end: Callable[[Office], None], api: int) -> None:
    """S3, F54: listing, query, and the addresses that were given out before; the audit log has the refusals."""
    url = urls(office.server.query(office.path, office.token))[0]
    assert office.statuses(url) == (200, 200, 200)
    end(office)
    assert office.statuses(url) == (api, api, 403)
    with sqlite3.connect(office.store.calls) as calls:
        rows = calls.execute("SELECT action, status FROM audit ORDER BY seq DESC LIMIT 3").fetchall()
    assert rows == [("file", 403), ("query", api), ("list all tables", api)]


def test_a_state_file_put_in_its_place_holds_at_the_next_request(office: Office, tmp_path: Path) -> None:
    """S3: however the pipeline writes it."""
    url = urls(office.server.query(office.path, office.token))[0]
    copy = tmp_path / "state.new"
    with sqlite3.connect(office.store.state) as old, sqlite3.connect(copy) as new:
        old.backup(new)
        new.execute("UPDATE access SET revoked_at = ?", (PAST,))
    copy.replace(office.store.state)
    assert office.statuses(url) == (404, 404, 403)


def test_a_state_in_wal_mode_holds_at_the_next_request(office: Office) -> None:
    """S3: and while the writer keeps it open."""
    url = urls(office.server.query(office.path, office.token))[0]
    writer = sqlite3.connect(office.store.state, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    for valid_to, expected in ((PAST, (404, 404, 403)), (None, (200, 200, 200)), (PAST, (404, 404, 403))):
        writer.execute("UPDATE access SET valid_to = ?", (valid_to,))
        assert office.statuses(url) == expected
    writer.close()


def test_a_grant_that_begins_and_ends_by_the_clock_does_so_without_a_change_of_state(office: Office) -> None:
    """F54."""
    now = datetime.now(UTC)
    begins, ends = ((now + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%SZ") for s in (2, 4))
    office.store.execute("UPDATE access SET valid_from = ?, valid_to = ?", begins, ends)
    seen = []
    while datetime.now(UTC) < now + timedelta(seconds=5.2):
        seen.append(office.server.query(office.path, office.token).status)
        time.sleep(0.2)
    assert re.fullmatch("(404)+(200)+(404)+", "".join(map(str, seen)))


def test_a_tightened_policy_never_serves_the_old_table(office: Office) -> None:
    """S5, F54: a new table takes the old one's place; addresses of the old one die with it."""
    old = urls(office.server.query(office.path, office.token))[0]
    narrower = office.store.add_table("permits", sample_rows().select(["编号", "日期"]))
    _retire_table(office)
    office.store.execute("UPDATE shared_table SET retired_at = NULL WHERE id = ?", narrower.id)
    office.store.grant("tax", narrower)
    answer = office.server.query(office.path, office.token)
    assert "名称" not in answer.body.decode()
    assert office.server.get(old).status == 403
    assert office.server.get(urls(answer)[0]).status == 200


def test_the_token_is_in_no_file_of_the_store_and_in_no_output(tmp_path: Path) -> None:
    """S1: after every kind of call, refused ones too."""
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    signatures = []
    with running_server(store.folder) as server:
        path = table_path(store, "permits")
        answers = [
            server.query(path, token),
            server.get(f"{path}/changes?startingVersion=0", token),
            server.get("/nowhere", token),
            server.query(path, token, b"{"),
            server.get("/shares", f"{token}x"),
            server.call("POST", f"{server.address}/login", body=f"token={token}".encode()),
            server.get(f"{server.address}/audit", token),
        ]
        for url in urls(answers[0]):
            answers.append(server.get(url))
            signatures.append(url.rpartition("sig=")[2])
    assert all(token.encode() not in answer.body and token not in str(answer.headers) for answer in answers)
    for file in (path for path in store.folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        assert token.encode() not in content, file
        assert all(signature.encode() not in content for signature in signatures), file


def test_too_many_calls_of_a_bureau_are_429_and_others_go_on(tmp_path: Path) -> None:
    store = SharingStore(tmp_path / "store")
    tokens = [store.add_bureau(name) for name in ("tax", "health")]
    permits = store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    with running_server(store.folder, settings={"calls_per_second": "0.5", "calls_burst": "3"}) as server:
        statuses = [server.get("/shares", tokens[0]).status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = server.get("/shares", tokens[0])
        assert refused.code() == "RESOURCE_EXHAUSTED"
        assert 1 <= int(refused.headers["retry-after"]) <= 2
        assert server.get("/shares", tokens[1]).status == 200
        time.sleep(int(refused.headers["retry-after"]))
        assert server.get("/shares", tokens[0]).status == 200


def test_too_many_calls_without_a_token_are_429(tmp_path: Path) -> None:
    store = SharingStore(tmp_path / "store")
    token = store.add_bureau("tax")
    with running_server(store.folder, settings={"strangers_per_second": "0.1", "strangers_burst": "2"}) as server:
        assert [server.get("/shares", "wrong").status for _ in range(3)] == [401, 401, 429]
        assert server.get("/shares", token).status == 200


def test_too_many_files_and_bytes_are_429(tmp_path: Path) -> None:
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    with running_server(store.folder, settings={"files_per_second": "0.1", "files_burst": "2"}) as server:
        url = urls(server.query(table_path(store, "permits"), token))[0]
        assert [server.get(url).status for _ in range(3)] == [200, 200, 429]
    with running_server(store.folder, settings={"bytes_per_hour": "5000"}) as server:
        url = urls(server.query(table_path(store, "permits"), token))[0]
        assert [server.get(url).status for _ in range(3)] == [200, 200, 429]


def test_a_store_that_is_not_ready_yet_answers_500_until_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    with running_server(folder) as server:
        assert server.get("/shares", "x").status == 500
        store = SharingStore(folder)
        token = store.add_bureau("tax")
        assert server.get("/shares", token).json() == {"items": []}
        store.execute("PRAGMA user_version = 2")
        assert server.get("/shares", token).status == 500
