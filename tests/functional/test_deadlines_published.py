"""What readers are promised: pages and packages say section, cycle and clock; the plan says why one is held."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workspace_factory import PortOffice

CLOCK: dict[str, Any] = {
    "title": "自测量之日起7个工作日内",
    "basis": "潮汐办法第三条",
    "within": 7,
    "unit": "working-days",
    "starts": "测量",
}


@pytest.fixture
def bound(office: PortOffice) -> PortOffice:
    """The office, whose ports and wrecks are bound by a clock; a second clock binds nothing."""
    office.agency(deadline_rules={"measured": CLOCK, "other": {**CLOCK, "title": "每年公布"}})
    for dataset in ("ports", "wrecks"):
        office.entry(dataset, deadline={"rule": "measured"})
    assert office.run("publish").code == 0
    return office


def package_of(office: PortOffice, number: int) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((office.release("ports", number) / "datapackage.json").read_bytes())["opendata"]
    return facts


@pytest.mark.parametrize("dataset", ["ports", "wrecks"])
def test_page_and_index_say_section_cycle_and_clock(bound: PortOffice, dataset: str) -> None:
    page = (bound.portal / "dataset" / dataset / "index.html").read_text(encoding="utf-8")
    index = {line["id"]: line for line in json.loads((bound.portal / "index.json").read_bytes())["datasets"]}
    for word in ("观测处", "每日", CLOCK["title"], CLOCK["basis"]):
        assert word in page
    line = index[dataset]
    assert (line["owner"], line["update_cycle"], line["sharing"]) == ("观测处", "每日", "无条件共享")
    assert line["deadline"] == [{"rule": "measured", **CLOCK}]
    assert index["buoys"]["deadline"] == []


def test_the_package_says_the_clock_in_words(bound: PortOffice) -> None:
    facts = package_of(bound, 1)
    assert (facts["owner"], facts["update_cycle"]) == ("观测处", "每日")
    assert facts["deadline"] == [{"rule": "measured", **CLOCK}]


def test_other_words_for_a_clock_are_another_release_of_what_it_binds_alone(bound: PortOffice) -> None:
    bound.agency(deadline_rules={"measured": {**CLOCK, "basis": "潮汐办法第四条"}, "other": CLOCK})
    answer = bound.run("publish")
    changed = [name for name, verdict in answer.verdicts.items() if verdict == "published"]
    assert changed == ["ports", "wrecks"]
    assert package_of(bound, 2)["deadline"][0]["basis"] == "潮汐办法第四条"
    assert bound.run("verify").code == 0
    assert not bound.release("buoys", 2).exists()


def test_a_clock_that_is_lost_leaves_what_is_published_readable(bound: PortOffice) -> None:
    bound.agency()
    answer = bound.run("publish")
    assert answer.code == 1
    assert (answer.verdicts["ports"], answer.verdicts["wrecks"]) == ("failed", "failed")
    assert bound.run("withdraw", "ports", "--reason", "核对").code == 0
    assert "核对" in (bound.portal / "dataset" / "ports" / "index.html").read_text(encoding="utf-8")


def test_every_held_entry_has_its_reason_in_the_plan(office: PortOffice) -> None:
    office.entry("buoys", source=None)
    office.entry("ports", channels=["sharing"])
    office.entry("stations", channels=[])
    answer = office.run("plan")
    reasons = {name: one["reason"] for name, one in answer.datasets.items() if one["verdict"] == "held"}
    told = {"buoys": "no source", "stations": "(none)", "crews": "个人信息"}
    assert reasons.keys() == told.keys()
    assert all(words in reasons[name] for name, words in told.items())
    # What only other bureaus are to read is no more held than the rest.
    ports = answer.datasets["ports"]
    assert (ports["verdict"], "(sharing)" in ports["reason"]) == ("new", True)
    printed = office.run("plan", json=False).out
    assert all(reason in printed for reason in reasons.values())
