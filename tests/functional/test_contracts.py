"""Contracts: plan says which bureaus a change breaks, and publish refuses to break one before its announced day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sharing_office import add_bureaus, granted, make_conditional, query
from tests.workspace_factory import PORTS, SCHEMAS, PortOffice, snapshot

FIELDS: list[dict[str, Any]] = SCHEMAS["ports"]["fields"]
#: Changes of the ports' schema that break a contract on code (the key) and opened, as the catalogue could make them.
WITHOUT_OPENED = [field for field in FIELDS if field["name"] != "opened"]
RENAMED = [{**field, "name": "opened_on"} if field["name"] == "opened" else field for field in FIELDS]
AS_TEXT = [{**field, "type": "string"} if field["name"] == "opened" else field for field in FIELDS]
OPENED = PORTS[0].index("opened")
CLOSED = [{**field, "disclosure": "never"} if field["name"] == "opened" else field for field in FIELDS]


def without_opened(office: PortOffice) -> None:
    """The column that is relied on goes, in the source and in the schema."""
    office.ports([[cell for place, cell in enumerate(row) if place != OPENED] for row in PORTS])
    office.schema("ports", fields=WITHOUT_OPENED)


def renamed(office: PortOffice) -> None:
    office.ports([["opened_on" if cell == "opened" else cell for cell in row] for row in PORTS])
    office.schema("ports", fields=RENAMED)


def as_text(office: PortOffice) -> None:
    office.schema("ports", fields=AS_TEXT)


def another_key(office: PortOffice) -> None:
    office.schema("ports", primaryKey="name")


@pytest.fixture
def relied_on(office: PortOffice) -> PortOffice:
    """An office that has published its ports, on whose code and opening day the water bureau relies."""
    make_conditional(office)
    add_bureaus(office, "water", "fire")
    assert office.run("publish").code == 0
    answer = office.run("contract register", "water", "ports", "--columns", "opened", "--keys", "code")
    assert answer.document["columns"] == {"code": "string", "opened": "date"}
    return office


def decision(office: PortOffice, command: str = "plan") -> dict[str, Any]:
    """What the plan or the run says of the ports, whatever else must be confirmed of it."""
    found: dict[str, Any] = office.run(command, "ports", *office.confirmations()).datasets["ports"]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_opened, "column gone: opened"),
        (renamed, "column gone: opened"),
        (as_text, "type of opened: date → string"),
        (another_key, "key: code → name"),
    ],
)
def test_a_change_that_breaks_a_contract_is_blocked(
    relied_on: PortOffice, change: Callable[[PortOffice], None], said: str
) -> None:
    change(relied_on)

    planned = decision(relied_on)
    before = snapshot(relied_on.portal)
    published = decision(relied_on, "publish")

    assert planned["verdict"] == published["verdict"] == "blocked"
    assert f"water relies on it: {said}" in planned["reason"]
    assert "opendata announce ports" in planned["reason"]
    assert planned["breaks"] == [{"bureau": "water", "what": said}]
    assert snapshot(relied_on.portal) == before
    (contract,) = relied_on.run("contract list").document["contracts"]
    assert [one["what"] for one in contract["breaks"]] == [said]


def test_an_announced_change_waits_for_its_day(relied_on: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    without_opened(relied_on)
    assert relied_on.run("announce", "ports", "--what", "不再提供开港日期", "--on", "2026-12-01").code == 0

    monkeypatch.setenv("OPENDATA_TODAY", "2026-11-30")
    early = decision(relied_on, "publish")
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-01")
    then = decision(relied_on, "publish")

    assert early["verdict"] == "blocked"
    assert "announced for 2026-12-01" in early["reason"]
    assert then["verdict"] == "published"
    announced = query(relied_on.home, "SELECT dataset, what, effective_on FROM announcement")
    assert announced == [("ports", "不再提供开港日期", "2026-12-01")]


def test_an_announcement_is_used_up_by_the_change_that_it_announced(
    relied_on: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of the contract binds as before, and breaking that needs an announcement anew."""
    without_opened(relied_on)
    relied_on.run("announce", "ports", "--what", "不再提供开港日期", "--on", "2026-12-01")
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-01")
    decision(relied_on, "publish")
    (left,) = relied_on.run("contract list").document["contracts"]

    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-02")
    another_key(relied_on)
    again = decision(relied_on)

    assert (left["columns"], left["keys"], left["breaks"]) == ({"code": "string"}, ["code"], [])
    assert again["verdict"] == "blocked"


def test_an_announcement_of_before_the_contract_announces_nothing_to_it(
    relied_on: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    relied_on.run("announce", "ports", "--what", "改", "--on", "2026-12-01")
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-02")
    relied_on.run("contract register", "fire", "ports", "--columns", "opened")
    without_opened(relied_on)

    planned = decision(relied_on)

    assert planned["verdict"] == "blocked"
    assert {"water", "fire"} == {word for word in ("water", "fire") if word in planned["reason"]}


def test_what_is_closed_never_waits_and_is_told(relied_on: PortOffice) -> None:
    """A column that may not be shown any more is taken back at once, whoever relies on it."""
    relied_on.schema("ports", fields=CLOSED)

    published = decision(relied_on, "publish")

    assert published["verdict"] == "published"
    assert "water relies on it: column closed: opened" in published["reason"]


def test_a_change_that_breaks_nothing_is_published(relied_on: PortOffice) -> None:
    relied_on.schema("ports", fields=[{**one, "title": "名"} if one["name"] == "name" else one for one in FIELDS])
    relied_on.ports([*PORTS, ("011", "北港", "", "", "")])

    published = decision(relied_on, "publish")

    assert published["verdict"] == "published"
    assert "relies" not in published["reason"]
    assert published["breaks"] == []


def test_a_contract_that_was_ended_binds_nobody(relied_on: PortOffice) -> None:
    assert relied_on.run("contract end", "water", "ports").code == 0
    assert relied_on.run("contract end", "water", "ports").code == 2
    without_opened(relied_on)

    assert decision(relied_on, "publish")["verdict"] == "published"


def test_a_narrowed_or_ended_grant_says_what_it_breaks(office: PortOffice) -> None:
    make_conditional(office)
    add_bureaus(office, "water")
    granted(office, 信息项="")
    assert office.run("contract register", "water", "wrecks", "--columns", "name,finder").code == 0

    options = ("--grant", "--by", "王", "--columns", "name", "--reason", "收窄")
    narrowed = office.run("need decide", "need-1", *options).document
    revoked = office.run("grant revoke", "grant-2", "--reason", "违规").document

    assert [one["what"] for one in narrowed["breaks"]] == ["no longer granted: finder"]
    assert {one["what"] for one in revoked["breaks"]} == {"no longer granted: name", "no longer granted: finder"}
    assert "no longer granted: name" in office.run("contract list", json=False).out


@pytest.mark.parametrize(
    "words",
    [
        ("nobody", "ports", "--columns", "code"),
        ("water", "nothing", "--columns", "code"),
        ("water", "ports", "--columns", "depth"),
        ("water", "ports", "--columns", "keeper_id"),  # never
        ("water", "ports", "--columns", ""),
        ("water", "ports", "--columns", "name", "--keys", "name"),  # not the key
        ("water", "wrecks", "--columns", "name"),  # no grant
        ("water", "crews", "--columns", "name"),  # 不予共享
    ],
)
def test_a_contract_is_on_what_the_bureau_reads(relied_on: PortOffice, words: tuple[str, ...]) -> None:
    before = snapshot(relied_on.home)

    assert relied_on.run("contract register", *words).code == 2
    assert snapshot(relied_on.home) == before


@pytest.mark.parametrize(
    ("dataset", "what", "day"),
    [
        ("nothing", "改", "2026-12-31"),
        ("ports", " ", "2026-12-31"),
        ("ports", "改", "2026-11-24"),  # today leaves no notice
        ("ports", "改", "2026-11-23"),
        ("ports", "改", "31.12.2026"),
    ],
)
def test_an_announcement_has_a_text_and_leaves_notice(relied_on: PortOffice, dataset: str, what: str, day: str) -> None:
    assert relied_on.run("announce", dataset, "--what", what, "--on", day).code == 2
    assert query(relied_on.home, "SELECT * FROM announcement") == []


def test_the_agency_sets_how_much_notice_it_gives(relied_on: PortOffice) -> None:
    relied_on.agency(targets={"sharing": {"notice_days": 30}})

    assert relied_on.run("announce", "ports", "--what", "改", "--on", "2026-12-23").code == 2
    assert relied_on.run("announce", "ports", "--what", "改", "--on", "2026-12-24").code == 0


def test_what_only_bureaus_read_waits_as_well(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrecks have no public rows: the change is one of the share alone."""
    make_conditional(office)
    office.entry("wrecks", channels=["sharing"])
    add_bureaus(office, "water")
    granted(office, 信息项="")
    assert office.run("contract register", "water", "wrecks", "--columns", "finder").code == 0
    office.schema("wrecks", fields=[SCHEMAS["wrecks"]["fields"][0]])
    (office.samples / "wrecks.csv").write_text("name\n甲\n", "utf-8")

    blocked = office.run("publish", "wrecks")
    office.run("announce", "wrecks", "--what", "不再提供发现人", "--on", "2026-12-01")
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-01")
    later = office.run("publish", "wrecks")

    assert (blocked.code, blocked.verdicts) == (1, {"wrecks": "blocked"})
    assert later.verdicts["wrecks"] != "blocked"
