"""From a need to a table: what is granted is written at the next publication, and what is over is served no more."""

from __future__ import annotations

import json

import pytest

from tests.sharing_office import GOOD_ACCESS, add_bureaus, granted, make_conditional, query
from tests.workspace_factory import TODAY, PortOffice, snapshot

NOW = f"{TODAY}T00:00:00Z"


def good(office: PortOffice, now: str = NOW) -> set[tuple[str, str]]:
    """Bureau and dataset of every good access."""
    return {(bureau, dataset) for bureau, dataset, _table in query(office.home, GOOD_ACCESS, now=now)}


def columns(office: PortOffice, bureau: str, dataset: str) -> list[str]:
    """The columns of the table that a bureau reads."""
    tables = {row[:2]: row[2] for row in query(office.home, GOOD_ACCESS, now=NOW)}
    ((text,),) = query(office.home, "SELECT columns FROM shared_table WHERE id = :id", id=tables[bureau, dataset])
    return [one["name"] for one in json.loads(text)]


@pytest.fixture
def sharing(office: PortOffice) -> PortOffice:
    make_conditional(office)
    add_bureaus(office, "water", "fire")
    assert office.run("publish").code == 0
    return office


def test_without_conditions_every_bureau_reads_and_with_conditions_nobody(sharing: PortOffice) -> None:
    datasets = {"buoys", "ports", "stations", "tides"}
    assert good(sharing) == {(bureau, dataset) for bureau in ("water", "fire") for dataset in datasets}
    assert columns(sharing, "water", "ports") == ["code", "name", "opened", "keeper"]


def test_a_bureau_that_comes_later_reads_at_once(sharing: PortOffice) -> None:
    add_bureaus(sharing, "police")
    assert ("police", "ports") in good(sharing)


def test_what_is_granted_is_written_by_the_next_publication(sharing: PortOffice) -> None:
    granted(sharing)
    assert ("water", "wrecks") not in good(sharing)

    answer = sharing.run("publish")

    assert answer.verdicts["wrecks"] == "published"
    assert ("water", "wrecks") in good(sharing)
    assert ("fire", "wrecks") not in good(sharing)
    assert columns(sharing, "water", "wrecks") == ["name"]
    before = snapshot(sharing.home)
    assert set(sharing.run("publish").verdicts.values()) == {"unchanged", "held"}
    assert {name for name, one in snapshot(sharing.home).items() if before.get(name) != one} <= {"sharing"}


def test_a_revoked_grant_is_refused_before_and_after_the_next_publication(sharing: PortOffice) -> None:
    granted(sharing)
    sharing.run("publish")

    sharing.run("grant revoke", "grant-1", "--reason", "违规")
    assert ("water", "wrecks") not in good(sharing)

    assert sharing.run("publish").code == 0
    assert ("water", "wrecks") not in good(sharing)
    assert query(sharing.home, "SELECT 1 FROM shared_table WHERE dataset = 'wrecks' AND retired_at IS NULL") == []


def test_a_narrowed_grant_is_a_new_table(sharing: PortOffice) -> None:
    granted(sharing, 信息项="")
    sharing.run("publish")
    ((first,),) = query(sharing.home, "SELECT id FROM shared_table WHERE dataset = 'wrecks'")

    options = ("--grant", "--by", "王", "--columns", "name", "--reason", "收窄")
    assert sharing.run("need decide", "need-1", *options).code == 0
    assert ("water", "wrecks") not in good(sharing)
    sharing.run("publish")

    assert columns(sharing, "water", "wrecks") == ["name"]
    tables = dict(query(sharing.home, "SELECT id, retired_at FROM shared_table WHERE dataset = 'wrecks'"))
    assert len(tables) == 2
    assert tables[first] is not None


def test_a_withdrawn_dataset_is_served_no_more(sharing: PortOffice) -> None:
    assert ("water", "ports") in good(sharing)

    assert sharing.run("withdraw", "ports", "--reason", "有误").code == 0

    assert ("water", "ports") not in good(sharing)


def test_an_agency_that_shares_no_more_lets_nobody_in(sharing: PortOffice) -> None:
    sharing.agency(targets={"sharing": {"enabled": False}})

    sharing.run("publish")

    assert good(sharing) == set()
