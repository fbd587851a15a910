"""The audit log: every call has its row before its answer; none can be changed, dropped or moved unnoticed (S6)."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opendata_sharing.audit_chain import CONTENT, START, bureau_hash, first_fault_of_slice, row_hash

from tests.sharing_servers import RunningServer, running_server, table_path, urls
from tests.sharing_store import SharingStore, sample_rows


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    tokens: dict[str, str]
    accesses: dict[str, str]

    def call_all(self) -> None:
        """Some calls of two bureaus and of a stranger."""
        path = table_path(self.store, "permits")
        for token in (*self.tokens.values(), None, *self.tokens.values()):
            self.server.get("/shares", token)
            answer = self.server.query(path, token) if token else self.server.get(path)
            for url in urls(answer) if answer.status == 200 else ():
                self.server.get(url, Range="bytes=0-9")

    def audit(self, bureau: str, query: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.server.get(f"{self.server.address}/audit{query}", self.tokens[bureau]).json()
        return found

    def rows(self, statement: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.store.calls)) as calls:
            return calls.execute(statement).fetchall()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = SharingStore(tmp_path / "store")
    tokens = {name: store.add_bureau(name) for name in ("tax", "health")}
    permits = store.add_table("permits", sample_rows())
    accesses = {name: store.grant(name, permits) for name in tokens}
    with running_server(store.folder) as server:
        yield Office(store, server, tokens, accesses)


def _verify(store: SharingStore) -> tuple[int, str]:
    command = [sys.executable, "-m", "opendata_sharing", "--store", str(store.folder), "--verify"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_every_call_and_every_file_has_its_row(office: Office) -> None:
    """S6: who, what, how much, with which outcome; refused calls too."""
    path = table_path(office.store, "permits")
    token = office.tokens["tax"]
    url = urls(office.server.query(path, token))[0]
    got = office.server.get(url, Range="bytes=0-99")
    office.server.call("HEAD", url)
    office.server.get("/shares", "wrong")
    office.server.get(url.replace("exp=", "exp=1"))
    office.server.query(path, token, {"version": 7})
    rows = office.rows(
        "SELECT bureau, access, method, action, version, status, bytes, token_prefix FROM audit ORDER BY seq"
    )
    prefix, access = token[:6], office.accesses["tax"]
    assert [row[:6] for row in rows] == [
        ("tax", access, "POST", "query", 0, 200),
        ("tax", access, "GET", "file", 0, 206),
        ("tax", access, "HEAD", "file", 0, 200),
        (None, None, "GET", "list shares", None, 401),
        (None, None, "GET", "file", None, 403),
        ("tax", access, "POST", "query", None, 400),
    ]
    assert [row[6] for row in rows[1:3]] == [100, 0]
    assert {row[7] for row in rows if row[0]} == {prefix}
    ((request,),) = office.rows("SELECT request FROM audit WHERE status = 206")
    assert request == got.headers["x-request-id"]


def test_the_whole_log_verifies(office: Office) -> None:
    """S6."""
    office.call_all()
    code, said = _verify(office.store)
    assert code == 0, said
    (count,) = office.rows("SELECT count(*) FROM audit")[0]
    assert said.startswith(f"{count} rows")


def test_a_row_can_not_be_changed_or_deleted_by_sql(office: Office) -> None:
    """S6: append-only."""
    office.call_all()
    for statement in ("UPDATE audit SET bytes = 0", "DELETE FROM audit WHERE seq = 1"):
        with (
            pytest.raises(sqlite3.IntegrityError, match="append-only"),
            contextlib.closing(sqlite3.connect(office.store.calls)) as calls,
        ):
            calls.execute(statement)


HARMS = {
    "flipped": "UPDATE audit SET bytes = bytes + 1 WHERE seq = 3",
    "renamed": "UPDATE audit SET bureau = 'health' WHERE seq = 3",
    "dropped": "DELETE FROM audit WHERE seq = 3",
    "the first dropped": "DELETE FROM audit WHERE seq = 1",
    "the last dropped": "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    "moved": "UPDATE audit SET seq = CASE seq WHEN 3 THEN -4 WHEN 4 THEN 3 END WHERE seq IN (3, 4);"
    "UPDATE audit SET seq = 4 WHERE seq = -4",
    "all dropped": "DELETE FROM audit",
    "the head forged": "UPDATE head SET hash = 'x' WHERE chain = '*'",
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_harm_by_who_may_write_the_file_is_found(office: Office, harm: str) -> None:
    """S6: with the triggers out of the way."""
    office.call_all()
    with contextlib.closing(sqlite3.connect(office.store.calls)) as calls:
        calls.executescript(f"DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays; DROP INDEX audit_of_bureau; {harm};")
    code, said = _verify(office.store)
    assert code == 1, said
    assert "row" in said


def test_a_bureau_checks_its_own_rows_and_sees_no_others(office: Office) -> None:
    """S6: recomputed here as the bureau would, with nothing but SHA-256."""
    office.call_all()
    found = office.audit("tax")
    entries = found["entries"]
    assert {entry["bureau"] for entry in entries} == {"tax"}
    assert len(entries) == 6
    assert first_fault_of_slice(entries) is None
    assert entries[-1]["bureau_hash"] == found["bureau_head"]["hash"]
    assert "health" not in str(found)
    previous = START
    for entry in entries:
        previous = bureau_hash(previous, [entry[name] for name in CONTENT])
        assert entry["bureau_hash"] == previous
        assert entry["hash"] == row_hash(entry["previous"], entry["seq"], previous)


def test_a_slice_is_read_on_from_where_it_ended(office: Office) -> None:
    """S6: the next calls of the audit itself are in it, too."""
    office.call_all()
    first = office.audit("tax", "?limit=4")["entries"]
    rest = office.audit("tax", "?after=4")["entries"]
    assert [entry["bureau_seq"] for entry in (*first, *rest)] == list(range(1, 8))
    assert first_fault_of_slice([*first, *rest]) is None
    assert first_fault_of_slice(rest, first[-1]["bureau_hash"]) is None


@pytest.mark.parametrize("harm", ["flipped", "dropped", "moved", "unlinked"])
def test_a_bureau_finds_what_was_done_to_its_rows(office: Office, harm: str) -> None:
    """S6."""
    office.call_all()
    entries = office.audit("tax")["entries"]
    if harm == "flipped":
        entries[2]["status"] = 204
    elif harm == "dropped":
        del entries[2]
    elif harm == "moved":
        entries[2], entries[3] = entries[3], entries[2]
    else:
        entries[2]["previous"] = "0" * 64
    assert first_fault_of_slice(entries) is not None


def test_servers_that_write_at_once_make_one_chain(office: Office) -> None:
    """S6, O4."""
    path = table_path(office.store, "permits")
    with running_server(office.store.folder) as other:

        def work(server: RunningServer, bureau: str) -> None:
            for _ in range(25):
                assert server.query(path, office.tokens[bureau]).status == 200

        threads = [
            threading.Thread(target=work, args=(server, bureau))
            for server in (office.server, other)
            for bureau in office.tokens
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert office.rows("SELECT count(*) FROM audit") == [(100,)]
    assert _verify(office.store)[0] == 0


def test_nothing_is_answered_whose_row_can_not_be_written(office: Office) -> None:
    """S6."""
    token = office.tokens["tax"]
    url = urls(office.server.query(table_path(office.store, "permits"), token))[0]
    with contextlib.closing(sqlite3.connect(office.store.calls)) as calls:
        calls.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    for answer in (office.server.get("/shares", token), office.server.get(url)):
        assert answer.status == 500
        assert b"agency" not in answer.body
        assert b"PAR1" not in answer.body
    with contextlib.closing(sqlite3.connect(office.store.calls)) as calls:
        calls.execute("DROP TRIGGER full")
    assert office.server.get("/shares", token).status == 200
    assert _verify(office.store)[0] == 0


def test_a_server_that_was_killed_leaves_a_log_that_verifies_with_every_answered_call(office: Office) -> None:
    """S6: a row is on the disk before its answer is."""
    token = office.tokens["tax"]
    for _ in range(10):
        assert office.server.get("/shares", token).status == 200
    office.server.process.kill()
    office.server.process.wait()
    assert office.rows("SELECT count(*) FROM audit") == [(10,)]
    assert _verify(office.store)[0] == 0


def test_lines_can_not_be_forged_into_the_log(office: Office) -> None:
    office.server.get(f"{office.server.address}/x%0A2026-01-01%20GET%1B[31m", None)
    ((detail,),) = office.rows("SELECT detail FROM audit")
    assert "\n" not in detail
    assert "\x1b" not in detail
