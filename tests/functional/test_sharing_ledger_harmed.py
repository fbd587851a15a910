"""F58, the acts of sharing: a chain that is locked, changed or cut stops everything, and names its first bad act."""

from __future__ import annotations

import contextlib
import datetime
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.chain import Head
from pipelines.ledger import open_ledger
from pipelines.shares.acts import SharingLedger
from pipelines.shares.stamp import Stamp
from tests.sharing_office import GOOD_ACCESS, add_bureaus, granted, make_conditional, query
from tests.workspace_factory import TODAY, PortOffice, snapshot

#: Commands that look or change: none goes on over a broken chain.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("bureau list",),
    ("bureau add", "police", "--title", "公安局"),
    ("bureau rotate", "water"),
    ("bureau remove", "water"),
    ("need list",),
    ("need decide", "need-1", "--refuse", "--by", "王", "--reason", "无"),
    ("need renew", "grant-1", "--by", "王"),
    ("grant list",),
    ("grant revoke", "grant-1", "--reason", "违规"),
    ("contract list",),
    ("contract register", "water", "ports", "--columns", "code"),
    ("announce", "ports", "--what", "改", "--on", "2026-12-31"),
    ("plan",),
    ("publish",),
)


def change(connection: sqlite3.Connection) -> None:
    more = """replace(detail, '"name"', '"finder"')"""
    connection.execute(f"UPDATE sharing_acts SET detail = {more} WHERE act = 'need-decided'")


def extend(connection: sqlite3.Connection) -> None:
    (detail,) = connection.execute("SELECT detail FROM sharing_acts WHERE seq = 2").fetchone()
    longer = json.dumps({**json.loads(detail), "expires_at": "2099-01-01T00:00:00+00:00"})
    connection.execute("UPDATE sharing_acts SET detail = ? WHERE seq = 2", (longer,))


def drop(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM sharing_acts WHERE seq = 3")


def close_up(connection: sqlite3.Connection) -> None:
    drop(connection)
    connection.execute("UPDATE sharing_acts SET seq = seq - 1 WHERE seq > 3")


def reorder(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE sharing_acts SET seq = 99 WHERE seq = 1")
    connection.execute("UPDATE sharing_acts SET seq = 1 WHERE seq = 3")
    connection.execute("UPDATE sharing_acts SET seq = 3 WHERE seq = 99")


def cut(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM sharing_acts WHERE seq = 7")


def cut_all(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE sharing_acts")


def write_in(connection: sqlite3.Connection) -> None:
    """As if somebody had revoked nothing: the last act is written anew, with a hash of its own making."""
    connection.execute("UPDATE sharing_acts SET act = 'need-submitted', hash = 'f00d' WHERE seq = 7")


def harm(home: Path, how: Callable[[sqlite3.Connection], None]) -> None:
    with contextlib.closing(sqlite3.connect(home / "ledger.sqlite")) as connection:
        how(connection)
        connection.commit()


@pytest.fixture
def sharing(office: PortOffice) -> PortOffice:
    """An office of seven acts of sharing: two bureaus with a token each, a need, its decision, and a revocation."""
    make_conditional(office)
    add_bureaus(office, "water", "fire")
    granted(office)
    assert office.run("grant revoke", "grant-1", "--reason", "违规").code == 0
    return office


@pytest.mark.parametrize(
    ("how", "number"),
    [(change, 6), (extend, 2), (drop, 3), (close_up, 3), (reorder, 1), (cut, 7), (cut_all, 1), (write_in, 7)],
)
def test_nothing_goes_on_over_a_broken_chain(
    sharing: PortOffice, how: Callable[[sqlite3.Connection], None], number: int
) -> None:
    harm(sharing.home, how)
    before = snapshot(sharing.home)

    for words in COMMANDS:
        answer = sharing.run(*words)
        assert answer.code == 3, words
        assert f"act of sharing {number}" in answer.err, words
        assert "restore the ledger from its backup" in answer.err

    assert snapshot(sharing.home) == before
    assert query(sharing.home, GOOD_ACCESS, now=f"{TODAY}T00:00:00Z") == []


def test_a_locked_ledger_stops_a_change_and_says_so(sharing: PortOffice) -> None:
    with contextlib.closing(sqlite3.connect(sharing.home / "ledger.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = sharing.run("bureau remove", "fire")

    assert answer.code == 3
    assert "locked" in answer.err
    assert query(sharing.home, "SELECT id FROM bureau WHERE removed_at IS NOT NULL") == []


def test_a_ledger_of_before_sharing_stays_readable(published: PortOffice) -> None:
    harm(published.home, lambda connection: connection.execute("DROP TABLE IF EXISTS sharing_acts"))

    assert published.run("publish").code == 0
    assert published.run("bureau list").document == {"bureaus": []}
    add_bureaus(published, "water")
    assert set(published.run("publish").verdicts.values()) == {"unchanged", "held"}


def test_a_ledger_that_sharing_began_is_published_from(office: PortOffice) -> None:
    add_bureaus(office, "water")

    assert office.run("publish").code == 0
    assert [bureau["id"] for bureau in office.run("bureau list").document["bureaus"]] == ["water"]
    assert set(office.run("publish").verdicts.values()) == {"unchanged", "held"}


def test_an_act_of_a_later_program_is_not_passed_over(sharing: PortOffice) -> None:
    ledger = SharingLedger(open_ledger(None, sharing.home / "ledger.sqlite").database)
    stamp = Stamp(datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC), "run")
    ledger.append((stamp.act("bureau-suspended", "water"),), Head(7))

    answer = sharing.run("bureau list")
    assert answer.code == 3
    assert "bureau-suspended" in answer.err
