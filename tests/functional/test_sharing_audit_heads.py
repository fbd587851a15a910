"""The audit log's heads, kept elsewhere (S6): signed, among the chained acts; a log cut off at its end is found."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opendata_sharing.audit import find_fault

from pipelines.targets.sharing.receipts import canonical
from tests.sharing_office import add_bureaus, token_of
from tests.sharing_servers import running_server
from tests.workspace_factory import TODAY, PortOffice, make_port_office, run_command

TOMORROW, LATER = "2026-11-25", "2026-11-26"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """Five calls were answered, their log's head was noted by a command; two more came since."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path)
    add_bureaus(office, "water")
    call(office, 5)
    add_bureaus(office, "roads")
    call(office, 2)
    return office


def call(office: PortOffice, count: int) -> None:
    with running_server(office.home / "sharing") as server:
        for _ in range(count):
            server.get("/shares", token_of(office.home, "water"))


def calls(office: PortOffice) -> Path:
    return office.home / "sharing" / "calls.sqlite"


def noted(office: PortOffice) -> list[dict[str, Any]]:
    """The documents of the heads that were noted."""
    with contextlib.closing(sqlite3.connect(office.home / "ledger.sqlite")) as ledger:
        rows = ledger.execute("SELECT detail FROM sharing_acts WHERE act = 'audit-head-noted' ORDER BY seq")
        return [json.loads(detail) for (detail,) in rows]


def proof(office: PortOffice) -> dict[str, Any]:
    """What `verify` says of the log."""
    answer = office.run("verify")
    (found,) = (one for one in answer.document["proofs"] if one["dataset"].startswith("calls.sqlite"))
    assert (answer.code == 0) == (not any(one["faults"] for one in answer.document["proofs"]))
    return dict(found)


def change(office: PortOffice, *statements: str) -> None:
    """What somebody does who may write the file."""
    with contextlib.closing(sqlite3.connect(calls(office))) as log, log:
        log.executescript("DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays")
        for statement in statements:
            log.execute(statement)


def cut(office: PortOffice, left: int) -> None:
    """The end of the log goes, and its own heads go back: it is whole in itself."""
    change(
        office,
        f"DELETE FROM audit WHERE seq > {left}",
        "DELETE FROM head",
        "INSERT INTO head SELECT '*', seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
        "INSERT INTO head SELECT bureau, bureau_seq, bureau_hash FROM audit ORDER BY seq DESC LIMIT 1",
    )
    assert find_fault(calls(office)) == (left, None)


def test_a_head_is_noted_once_a_day_and_only_where_rows_came(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one["receipt"]["rows"] for one in noted(office)] == [5]
    add_bureaus(office, "parks")  # two rows came, on the same day
    assert len(noted(office)) == 1
    monkeypatch.setenv("OPENDATA_TODAY", TOMORROW)
    assert office.run("publish").code == 0  # publishing notes it as well
    assert [one["receipt"]["rows"] for one in noted(office)] == [5, 7]
    monkeypatch.setenv("OPENDATA_TODAY", LATER)
    add_bureaus(office, "trees")
    assert len(noted(office)) == 2
    assert proof(office)["faults"] == []


def test_looking_notes_nothing(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TOMORROW)
    for command in ("status", "plan", "bureau list", "verify"):
        assert office.run(command).code == 0
    assert len(noted(office)) == 1


def test_a_noted_head_is_signed_by_the_key_of_the_receipts(office: PortOffice, tmp_path: Path) -> None:
    (document,) = noted(office)
    (key,) = (office.home / "sharing" / "keys").glob("*.pub")
    file = tmp_path / "head.json"
    file.write_text(json.dumps(document), "utf-8")
    answer = run_command("receipt", "verify", str(file), "--key", str(key), "--json")
    assert (answer.code, answer.document["receipt"]["rows"]) == (0, 5)
    assert "5 rows of the audit log" in run_command("receipt", "verify", str(file), "--key", str(key)).out
    file.write_text(json.dumps({**document, "receipt": {**document["receipt"], "rows": 4}}), "utf-8")
    assert run_command("receipt", "verify", str(file), "--key", str(key)).code == 2
    assert canonical(document["receipt"]).startswith(b'{"agency"')


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda office: cut(office, 4), "it ends at row 4, and had 5 on 2026-11-24"),
        (lambda office: calls(office).unlink(), "it is gone, and had 5 rows"),
        (lambda office: change(office, "UPDATE audit SET status = 401 WHERE seq = 2"), "row 2 is not the one"),
        (lambda office: change(office, "DELETE FROM audit WHERE seq = 3"), "row 3 is missing"),
        (lambda office: calls(office).write_bytes(b"SQLite format 3\0" + b"x" * 5000), "it can't be read"),
    ],
    ids=["cut off with its heads", "removed", "changed", "row removed", "no database"],
)
def test_harm_to_the_log_is_found_by_verify(office: PortOffice, harm: Callable[[PortOffice], None], told: str) -> None:
    assert proof(office)["faults"] == []
    harm(office)
    (fault,) = proof(office)["faults"]
    assert told in fault
    said = office.run("verify", json=False).out
    assert "calls.sqlite  sharing  DIFFERS" in said and "keep the audit log's file as evidence" in said
    assert "opendata publish" not in said


def test_a_log_that_was_cut_and_goes_on_is_found_and_its_head_never_noted(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(office, 4)
    call(office, 6)
    assert find_fault(calls(office)) == (10, None)  # whole in itself
    monkeypatch.setenv("OPENDATA_TODAY", TOMORROW)
    add_bureaus(office, "parks")
    assert len(noted(office)) == 1
    (fault,) = proof(office)["faults"]
    assert "row 5 is another than on 2026-11-24" in fault


def test_what_is_cut_off_after_the_last_noted_head_is_for_the_next(office: PortOffice) -> None:
    """What no head was noted of yet can't be known here: bureaus' own last answers are its heads until then."""
    cut(office, 6)
    assert proof(office)["faults"] == []
