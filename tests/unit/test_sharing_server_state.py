"""`state.sqlite`: a reader sees one whole state at any time, a writer that is killed leaves the one before."""

from __future__ import annotations

import contextlib
import datetime
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipelines.chain import Head
from pipelines.shares.access import accesses
from pipelines.shares.bureaus import Secret, add_bureau
from pipelines.shares.offers import Offers, described, policies_at
from pipelines.shares.replay import apply
from pipelines.shares.serving_state import Served, known_head, state_file, write_state
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import SharingState
from pipelines.shares.tables import DataFile, SharedTable, TableVersion
from resource_catalog.catalog import load_catalog
from resource_catalog.errors import OutsideError
from resource_catalog.workspace import open_workspace
from tests.catalogue_factory import make_workspace, write_schema
from tests.workspace_factory import snapshot

AT = datetime.datetime(2026, 11, 24, 8, 30, 15, 999, tzinfo=datetime.UTC)
#: What the sharing store's contract says, table by table.
COLUMNS = {
    "agency": "id name share schema",
    "bureau": "id title removed_at",
    "token": "hash prefix bureau issued_at expires_at revoked_at",
    "shared_table": "id dataset policy name title summary owner columns conditions cycle_days cycle created_at "
    "retired_at first_version current_version",
    "version": "table_id version release at rows added changed removed",
    "data_file": "table_id path kind first_version last_version size rows sha256",
    "access": "id bureau table_id need purpose basis valid_from valid_to revoked_at history",
    "need": "id bureau dataset submitted_at due state decision reason",
    "announcement": "dataset what effective_on announced_at",
    "offer": "dataset title summary owner sharing condition columns",
}


def served(folder: Path, bureaus: int, count: int = 1) -> Served:
    """A state of so many bureaus, each of which reads the one table."""
    workspace = open_workspace(folder) if folder.exists() else make_workspace(folder, {})
    write_schema(workspace, "tides")
    offers, state, stamp = Offers(load_catalog(workspace)), SharingState(), Stamp(AT, "run")
    for number in range(bureaus):
        for act in add_bureau(state, f"b{number}", f"{number}局", Secret(f"{number:043}"), stamp.in_days(90), stamp):
            apply(state, act)
    offer = offers.get("tides")
    assert offer is not None
    (policy,) = policies_at(state, offers, AT)("tides")
    table = SharedTable(
        id="t-1",
        dataset="tides",
        policy=policy.identity,
        name="tides",
        title="潮汐表",
        summary="摘要",
        owner="观测处",
        columns=tuple(described(offer.fields)),
        created_at=AT,
        first_version=0,
        current_version=1,
        versions=(TableVersion(0, 1, AT, 3, 3, 0, 0), TableVersion(1, 2, AT, 3, 0, 1, 0)),
        files=(DataFile("a.parquet", "data", 0, None, 1200, 3, "ab" * 32),),
    )
    access = tuple(accesses(state, offers, (table,)))
    return Served(state, Head(count, "f" * 64), offers, (table,), access, {})


def ask(store: Path, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(f"{state_file(store).as_uri()}?mode=ro", uri=True, timeout=5)) as reader:
        return reader.execute(statement).fetchall()


def test_tables_and_values_are_those_of_the_contract(tmp_path: Path) -> None:
    write_state(tmp_path / "store", served(tmp_path / "w", 1))

    found = {
        table: " ".join(str(row[1]) for row in ask(tmp_path / "store", f"PRAGMA table_info({table})"))
        for table in COLUMNS
    }
    assert found == COLUMNS
    assert ask(tmp_path / "store", "PRAGMA user_version") == [(1,)]
    assert ask(tmp_path / "store", "SELECT * FROM agency") == [("tide-office", "潮汐局", "tide-office", "resources")]
    assert ask(tmp_path / "store", "SELECT id, bureau, table_id, valid_from, history FROM access") == [
        ("rule.b0.tides", "b0", "t-1", "2026-11-24T08:30:15Z", 1)
    ]
    ((dataset, sharing, columns),) = ask(tmp_path / "store", "SELECT dataset, sharing, columns FROM offer")
    assert (dataset, sharing) == ("tides", "无条件共享")
    assert json.loads(str(columns)) == [
        {"name": "port", "title": "港口", "type": "string"},
        {"name": "height", "title": "潮高", "type": "number"},
    ]
    assert ask(tmp_path / "store", "SELECT version, release, at, changed FROM version") == [
        (0, 1, "2026-11-24T08:30:15Z", 0),
        (1, 2, "2026-11-24T08:30:15Z", 1),
    ]
    assert ask(tmp_path / "store", "SELECT path, last_version, size FROM data_file") == [("a.parquet", None, 1200)]


def test_an_equal_state_is_not_written_again(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_state(store, served(tmp_path / "w", 2))
    before = snapshot(store)

    write_state(store, served(tmp_path / "w", 2))

    assert snapshot(store) == before


def test_a_state_of_another_version_or_that_was_edited_is_set_right(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_state(store, served(tmp_path / "w", 2, 1))
    with contextlib.closing(sqlite3.connect(state_file(store))) as editor:
        editor.execute("UPDATE access SET valid_from = '1999-01-01T00:00:00Z', bureau = 'nobody'")
        editor.execute("INSERT INTO token (hash, bureau, expires_at) VALUES ('f00d', 'b0', '2099-01-01T00:00:00Z')")
        editor.commit()
    write_state(store, served(tmp_path / "w", 2, 1))  # the same, and yet not as it was left
    assert ask(store, "SELECT DISTINCT valid_from FROM access") == [("2026-11-24T08:30:15Z",)]
    assert ask(store, "SELECT count(*) FROM token") == [(2,)]

    with contextlib.closing(sqlite3.connect(state_file(store))) as editor:
        editor.execute("ALTER TABLE bureau ADD COLUMN phone TEXT")
        editor.execute("PRAGMA user_version = 2")
        editor.commit()
    write_state(store, served(tmp_path / "w", 3, 3))
    assert ask(store, "SELECT count(*) FROM bureau") == [(3,)]
    assert ask(store, "PRAGMA user_version") == [(1,)]


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00" + bytes(4000)])
def test_a_state_that_was_harmed_is_written_again(tmp_path: Path, content: bytes) -> None:
    store = tmp_path / "store"
    write_state(store, served(tmp_path / "w", 2))
    state_file(store).write_bytes(content)

    write_state(store, served(tmp_path / "w", 2))

    assert ask(store, "SELECT count(*) FROM bureau") == [(2,)]


def test_a_state_that_was_lost_is_written_again(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_state(store, served(tmp_path / "w", 2))
    state_file(store).unlink()

    assert known_head(store) is None
    write_state(store, served(tmp_path / "w", 2))

    assert ask(store, "SELECT count(*) FROM bureau") == [(2,)]
    assert known_head(store) == Head(1, "f" * 64)


def test_readers_see_one_whole_state_while_others_are_written(tmp_path: Path) -> None:
    """Bureaus, tokens and accesses of one answer are of one state, and no reader is made to wait or fails."""
    store = tmp_path / "store"
    states = [served(tmp_path / "w", number, number) for number in (1, 40)]
    write_state(store, states[0])
    seen: set[tuple[object, ...]] = set()
    failures: list[str] = []
    done = threading.Event()

    def read() -> None:
        statement = "SELECT (SELECT count(*) FROM bureau), (SELECT count(*) FROM token), (SELECT count(*) FROM access)"
        while not done.is_set():
            try:
                seen.update(ask(store, statement))
            except sqlite3.Error as error:
                failures.append(str(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(60):
        write_state(store, states[(number + 1) % 2])
    done.set()
    for reader in readers:
        reader.join()

    assert failures == []
    assert seen == {(1, 1, 1), (40, 40, 40)}


def test_a_reader_that_stays_open_sees_the_next_state_at_its_next_question(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_state(store, served(tmp_path / "w", 2, 1))
    with contextlib.closing(sqlite3.connect(f"{state_file(store).as_uri()}?mode=ro", uri=True)) as reader:
        assert reader.execute("SELECT count(*) FROM bureau").fetchone() == (2,)

        write_state(store, served(tmp_path / "w", 1, 2))

        assert reader.execute("SELECT count(*) FROM bureau").fetchone() == (1,)


#: Begins to replace the state as `write_state` does, and is killed before its commit.
KILLED = """
import os, signal, sqlite3, sys
writer = sqlite3.connect(sys.argv[1], isolation_level=None)
writer.execute("PRAGMA cache_size = 1")
writer.execute("BEGIN IMMEDIATE")
writer.execute("DELETE FROM bureau")
writer.executemany("INSERT INTO offer (dataset, title) VALUES (?, ?)", [(str(n), "x" * 4000) for n in range(400)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_is_killed_leaves_the_state_before(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_state(store, served(tmp_path / "w", 2))

    killed = subprocess.run([sys.executable, "-c", KILLED, str(state_file(store))], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert ask(store, "SELECT count(*) FROM bureau") == [(2,)]
    assert ask(store, "SELECT count(*) FROM offer") == [(1,)]
    write_state(store, served(tmp_path / "w", 3, 2))
    assert ask(store, "SELECT count(*) FROM bureau") == [(3,)]


def test_a_store_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    state_file(tmp_path / "store").mkdir(parents=True)

    with pytest.raises(OutsideError) as caught:
        write_state(tmp_path / "store", served(tmp_path / "w", 1))

    assert caught.value.fix
