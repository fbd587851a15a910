"""A release that leaps away from the last one, in rows or in form, waits until someone confirms just what was seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.ledger import RELEASED, open_ledger
from tests.workspace_factory import TODAY, PortOffice, contents, make_port_office

HEADING = ("code", "name", "opened", "keeper", "keeper_id")
FIRST = 200


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """Two hundred ports, published."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports"])
    write(office, FIRST)
    assert office.run("publish").verdicts == {"ports": "published"}
    return office


def write(office: PortOffice, rows: int) -> None:
    office.ports([HEADING, *([f"{number:03}", f"港{number}", "", "", ""] for number in range(rows))])


def asked(office: PortOffice, *arguments: str) -> dict[str, Any]:
    ports: dict[str, Any] = office.run("plan", *arguments).datasets["ports"]
    return ports


def released(office: PortOffice, number: int) -> dict[str, Any]:
    acts = open_ledger(None, office.home / "ledger.sqlite").acts()
    (found,) = [act for act in acts if act.act == RELEASED and act.release == number]
    return dict(found.detail)


@pytest.mark.parametrize(("rows", "waits"), [(150, False), (149, True), (250, False), (251, True)])
def test_a_quarter_more_or_fewer_rows_need_no_word(office: PortOffice, rows: int, waits: bool) -> None:
    write(office, rows)
    answer = office.run("publish")
    assert answer.verdicts["ports"] == ("blocked" if waits else "published")
    assert answer.code == (1 if waits else 0)
    assert (answer.datasets["ports"]["confirmation"] is not None) is waits


def test_readers_see_the_last_release_meanwhile(office: PortOffice) -> None:
    before = contents(office.portal)
    write(office, 100)
    ports = office.run("publish").datasets["ports"]
    assert (ports["verdict"], ports["release"], ports["rows"]) == ("blocked", 1, 100)
    assert ports["changes"] == {"added": 0, "removed": 100, "changed": 0}
    assert "200 → 100 (-50.0%" in ports["reason"]
    assert ports["confirmation"]["token"] in ports["reason"]
    assert ports["confirmation"]["by"] == ""
    assert contents(office.portal) == before
    assert not office.release("ports", 2).exists()
    assert office.run("verify").code == 0


def test_a_confirmation_is_of_what_was_seen_and_stands_in_the_ledger(office: PortOffice) -> None:
    write(office, 100)
    token = asked(office)["confirmation"]["token"]
    write(office, 2)
    other = office.run("publish", "--confirm", token, "--by", "李")
    assert (other.code, other.verdicts["ports"]) == (1, "blocked")
    assert other.datasets["ports"]["confirmation"]["token"] != token
    write(office, 100)
    done = office.run("publish", "--confirm", token, "--by", "李")
    assert (done.code, done.verdicts["ports"], done.datasets["ports"]["release"]) == (0, "published", 2)
    confirmation = done.datasets["ports"]["confirmation"]
    assert (confirmation["by"], len(confirmation["needed"])) == ("李", 1)
    assert released(office, 2)["confirmation"] == {"needed": confirmation["needed"], "by": "李"}
    assert "confirmation" not in released(office, 1)
    assert "李" in Path(done.document["report"]).read_text("utf-8")
    assert office.run("publish", "--confirm", token).verdicts == {"ports": "unchanged"}


def test_the_same_figures_of_another_source_are_confirmed_anew(office: PortOffice) -> None:
    write(office, 100)
    token = asked(office)["confirmation"]["token"]
    office.ports([HEADING, *([f"{number:03}", "别港", "", "", ""] for number in range(100))])
    assert office.run("publish", "--confirm", token).verdicts["ports"] == "blocked"


def test_a_saved_plan_keeps_what_was_confirmed_when_it_was_made(office: PortOffice, tmp_path: Path) -> None:
    write(office, 100)
    unconfirmed, confirmed = tmp_path / "one.json", tmp_path / "two.json"
    assert office.run("plan", "--save", str(unconfirmed)).code == 1
    assert office.run("publish", "--plan", str(unconfirmed)).verdicts["ports"] == "blocked"
    token = json.loads(unconfirmed.read_bytes())["datasets"][0]["confirmation"]["token"]
    planned = office.run("plan", "--confirm", token, "--by", "王", "--save", str(confirmed))
    assert (planned.code, planned.verdicts["ports"]) == (0, "update")
    done = office.run("publish", "--plan", str(confirmed)).datasets["ports"]
    assert (done["verdict"], done["confirmation"]["by"]) == ("published", "王")
    assert released(office, 2)["confirmation"]["by"] == "王"


def test_a_saved_plan_of_another_source_is_refused(office: PortOffice, tmp_path: Path) -> None:
    write(office, 100)
    token, file = asked(office)["confirmation"]["token"], tmp_path / "plan.json"
    assert office.run("plan", "--confirm", token, "--save", str(file)).code == 0
    write(office, 99)
    assert office.run("publish", "--plan", str(file)).code == 4
    assert not office.release("ports", 2).exists()


def test_what_breaks_readers_is_confirmed_and_what_is_added_is_not(office: PortOffice) -> None:
    fields = office.schemas["ports"]["fields"]
    office.schema("ports", fields=[*fields, {"name": "depth", "type": "number"}])
    office.ports([(*HEADING, "depth"), *([f"{one:03}", f"港{one}", "", "", "", "1"] for one in range(FIRST))])
    assert office.run("publish").datasets["ports"]["release"] == 2
    office.schema("ports", fields=fields)
    write(office, FIRST)
    assert asked(office)["confirmation"]["needed"] == ["column gone: depth"]
    kinds = [{**field, "type": "any"} if field["name"] == "name" else field for field in fields]
    office.schema("ports", fields=kinds, primaryKey=["code", "name"])
    assert asked(office)["confirmation"]["needed"] == [
        "type of name: string → any",
        "column gone: depth",
        "primary key: code → code, name",
    ]
    done = office.run("publish", *office.confirmations())
    assert (done.code, done.datasets["ports"]["release"]) == (0, 3)


def test_a_column_that_is_closed_never_waits(office: PortOffice) -> None:
    fields = [
        {**field, "disclosure": "never"} if field["name"] == "name" else field
        for field in office.schemas["ports"]["fields"]
    ]
    office.schema("ports", fields=fields)
    assert office.run("publish").datasets["ports"]["release"] == 2
    write(office, 1)
    assert "still shows" not in office.run("publish").datasets["ports"]["reason"]


def test_while_rows_wait_a_closed_column_is_named(office: PortOffice) -> None:
    fields = [
        {**field, "disclosure": "never"} if field["name"] == "name" else field
        for field in office.schemas["ports"]["fields"]
    ]
    office.schema("ports", fields=fields)
    write(office, 1)
    ports = office.run("publish").datasets["ports"]
    assert ports["verdict"] == "blocked"
    assert "release 1 still shows name" in ports["reason"]


@pytest.mark.parametrize(
    ("agency", "entry", "verdict"),
    [
        ({}, {}, "blocked"),
        ({"rows_change": 0.6}, {}, "published"),
        ({"rows_change_floor": 101}, {}, "published"),
        ({"rows_change": 0.6}, {"rows_change": 0.4}, "blocked"),
        ({}, {"rows_change": 0.6}, "published"),
        ({"rows_change_floor": 101}, {"rows_change_floor": 100}, "blocked"),
    ],
)
def test_thresholds_are_the_entrys_or_else_the_agencys(
    office: PortOffice, agency: dict[str, Any], entry: dict[str, Any], verdict: str
) -> None:
    office.agency(thresholds=agency)
    office.entry("ports", quality=entry)
    write(office, 100)
    assert office.run("publish").verdicts["ports"] == verdict


def test_from_no_row_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports"])
    office.entry("ports", source={"path": "samples/ports.csv", "allow_empty": True})
    write(office, 0)
    assert office.run("publish").datasets["ports"]["rows"] == 0
    write(office, 49)
    assert office.run("plan").verdicts["ports"] == "update"
    write(office, 50)
    assert office.run("plan").verdicts["ports"] == "blocked"


def test_recall_asks_nobody(office: PortOffice) -> None:
    write(office, 160)
    assert office.run("publish").datasets["ports"]["release"] == 2
    office.agency(thresholds={"rows_change": 0.01})
    assert office.run("rollback", "ports").code == 0
    assert office.run("withdraw", "ports", "--reason", "x").code == 0
    assert office.run("rollback", "ports", "--to", "2").code == 0


@pytest.mark.parametrize("token", ["ports", "ports:", "ports:XYZ", "nowhere:00000000"])
def test_what_confirms_nothing_is_refused(office: PortOffice, token: str) -> None:
    write(office, 100)
    for command in ("plan", "publish"):
        assert office.run(command, "--confirm", token).code == 2
    assert office.run("publish", "--confirm", "ports:00000000", "--by", " ").code == 2
    assert not office.release("ports", 2).exists()


def test_one_dataset_that_waits_keeps_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports", "buoys"])
    write(office, FIRST)
    office.run("publish")
    write(office, 100)
    office.entry("buoys", summary="别的摘要")
    answer = office.run("publish")
    assert (answer.code, answer.verdicts) == (1, {"buoys": "published", "ports": "blocked"})
