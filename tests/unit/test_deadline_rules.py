"""Disclosure clocks: agency.yaml says them by date, entries name them, and a name that nobody has set is told."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from resource_catalog.agency import Agency
from resource_catalog.catalog import check_catalog, load_agency, load_catalog
from resource_catalog.deadlines import deadline_facts, deadline_on
from resource_catalog.entry import Deadline
from resource_catalog.entry_file import entry_yaml
from resource_catalog.workspace import open_workspace
from resource_catalog.yaml_document import YamlFaults
from resource_catalog.yaml_file import load_yaml
from tests.catalogue_factory import AGENCY, make_entry, make_workspace
from tests.workspace_factory import make_port_office

REPOSITORY = Path(__file__).parents[2]
COUNTED: dict[str, Any] = {
    "title": "自决定之日起7个工作日内", "basis": "办法第一条", "within": 7, "unit": "working-days", "starts": "决定",
}  # fmt: skip
ANSWER_UNTIL = {**COUNTED, "within": 15, "extension": 15, "valid_to": datetime.date(2019, 5, 14)}
ANSWER_SINCE = {**COUNTED, "within": 20, "extension": 20, "valid_from": datetime.date(2019, 5, 15)}


def agency_of(**rules: Any) -> Agency:
    return Agency.model_validate({**AGENCY, "deadline_rules": rules})


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "within"), [("2015-01-01", 15), ("2019-05-14", 15), ("2019-05-15", 20), ("2099-12-31", 20)]
)
def test_the_edition_in_force_on_the_day_binds(on: str, within: int) -> None:
    agency = agency_of(answer=[ANSWER_SINCE, ANSWER_UNTIL])
    edition = deadline_on(agency, "answer", day(on))
    assert edition is not None
    assert (edition.within, edition.extension, edition.unit, edition.starts) == (within, within, "working-days", "决定")


def test_no_edition_binds_outside_its_days_nor_under_another_name() -> None:
    agency = agency_of(answer={**COUNTED, "valid_from": "2014-10-01", "valid_to": "2014-10-31"})
    days = ("2014-09-30", "2014-10-01", "2014-10-31", "2014-11-01")
    assert [deadline_on(agency, "answer", day(on)) is not None for on in days] == [False, True, True, False]
    assert deadline_on(agency, "other", day("2014-10-01")) is None


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {**{name: value for name, value in COUNTED.items() if name not in names}, **more}


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (without("within", "unit"), "deadline_rules.x"),
        (without("unit"), "deadline_rules.x"),
        (without("starts"), "deadline_rules.x"),
        (without(by="2017-12-31"), "deadline_rules.x"),
        (without("within", follows="cycle"), "deadline_rules.x"),
        (without("within", "unit", by="2017-12-31", extension=3), "deadline_rules.x"),
        (without(valid_from="2017-02-01", valid_to="2017-01-31"), "deadline_rules.x"),
        ([], "deadline_rules.x"),
        ([ANSWER_UNTIL, {**ANSWER_SINCE, "valid_from": "2019-05-14"}], "deadline_rules.x"),
        ([COUNTED, ANSWER_SINCE], "deadline_rules.x"),
        ([ANSWER_UNTIL, COUNTED], "deadline_rules.x"),
        (without("title"), "deadline_rules.x.title"),
        (without("basis"), "deadline_rules.x.basis"),
        (without(within=0), "deadline_rules.x.within"),
        (without(within=7.5), "deadline_rules.x.within"),
        (without(unit="weeks"), "deadline_rules.x.unit"),
        (without(untl="x"), "deadline_rules.x.untl"),
        (without("within", "unit", nodes=[]), "deadline_rules.x.nodes"),
        ([ANSWER_UNTIL, {**ANSWER_SINCE, "unit": "weeks"}], "deadline_rules.x.1.unit"),
    ],
)
def test_a_faulty_rule_is_told_by_its_key(tmp_path: Path, rule: Any, key: str) -> None:
    workspace = make_workspace(tmp_path, deadline_rules={"x": rule})
    with pytest.raises(YamlFaults) as faults:
        load_agency(workspace)
    assert [fault.key for fault in faults.value.faults] == [key]


@pytest.mark.parametrize(
    "rule",
    [
        without("within", "unit", "starts", by="2017-12-31"),
        without("within", "unit", "starts", nodes=["元旦", "国庆"], node_side="after"),
        without("within", "unit", "starts", follows="cycle"),
        without("within", "unit", follows="event"),
        without(unit="hours"),
        without(unit="months", extension=3),
        [{**ANSWER_UNTIL, "valid_to": "2018-12-31"}, ANSWER_SINCE],
    ],
)
def test_every_way_to_fall_due_can_be_said(tmp_path: Path, rule: Any) -> None:
    assert load_agency(make_workspace(tmp_path, deadline_rules={"x": rule})).deadline_rules["x"]


#: standards.md 5 and 6: name → what is counted, by how much it may be extended, or the fixed day.
STREAMS = {
    "power-change": (20, "working-days", None),
    "service-items-full-list": "2017-12-31",
    "spot-check-results": (20, "working-days", None),
    "fiscal-approval": (20, "calendar-days", None),
    "complaint-nodes": ("元旦", "春节", "五一", "国庆"),
    "trader-complaints-cycle": "cycle",
    "sampling-results": (20, "working-days", None),
    "typical-cases": "event",
    "double-publicity": (7, "working-days", None),
    "penalty-publicity": (20, "working-days", None),
    "enterprise-records": "2017-12-31",
    "sharing-answer": (10, "working-days", None),
    "yearly-catalogue": "cycle",
    "document-disclosure": (20, "working-days", None),
    "repeal-marking": (20, "working-days", None),
    "opinion-response": (5, "hours", None),
    "opinion-briefing": (24, "hours", None),
    "consultation-event": "event",
    "disclosure-catalogue": "2017-12-31",
    "proposal-reply": (3, "months", 3),
    "disclosure-request": (15, "working-days", 15),
    "safeguards-30-days": "2017-06-17",
    "active-disclosure": (20, "working-days", None),
}


@pytest.mark.parametrize("name", STREAMS)
def test_the_first_agency_says_the_clocks_of_its_streams(name: str) -> None:
    rule = deadline_on(load_agency(open_workspace(REPOSITORY)), name, day("2017-05-18"))
    assert rule is not None
    counted = (rule.within, rule.unit, rule.extension) if rule.within else None
    assert STREAMS[name] in (counted, rule.by and rule.by.isoformat(), rule.nodes, rule.follows)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ({"rule": "a"}, ["a"]),
        ([{"rule": "a"}], ["a"]),
        ([{"rule": "b"}, {"rule": "a"}], ["b", "a"]),
        ([], []),
        (None, []),
    ],
)
def test_an_entry_names_one_clock_or_several(tmp_path: Path, written: Any, names: list[str]) -> None:
    entry = make_entry(deadline=written)
    assert entry.deadline == tuple(Deadline(rule=name) for name in names)
    file = tmp_path / "tides.yaml"
    file.write_text(entry_yaml(entry), encoding="utf-8")
    again = load_yaml(file).value.get("deadline", ())
    assert again == ({"rule": "a"} if names == ["a"] else tuple({"rule": name} for name in names))


def test_a_clock_that_is_named_twice_is_a_fault(tmp_path: Path) -> None:
    twice = [{"rule": "a"}, {"rule": "b"}, {"rule": "a"}]
    rules = {"a": {**COUNTED}, "b": {**COUNTED}}
    catalog = load_catalog(make_workspace(tmp_path, {"deadline": twice}, deadline_rules=rules))
    assert [fault.rule for fault in check_catalog(catalog)] == ["entry-broken"]


@pytest.mark.parametrize(
    ("deadline", "below"),
    [({"rule": "publicty"}, 2), ([{"rule": "publicity"}, {"rule": "publicty"}], 3), ({"rule": "publicity"}, None)],
)
def test_a_clock_that_nobody_has_set_is_a_fault_of_its_line(tmp_path: Path, deadline: Any, below: int | None) -> None:
    workspace = make_workspace(tmp_path, {"deadline": deadline}, deadline_rules={"publicity": COUNTED})
    lines = workspace.entry_file("tides").read_text(encoding="utf-8").splitlines()
    found = [(fault.rule, fault.severity, fault.line) for fault in check_catalog(load_catalog(workspace))]
    heading = lines.index("deadline:")
    assert found == ([("deadline-unknown", "must", heading + below)] if below else [])


def test_plan_fails_it_and_no_other(tmp_path: Path) -> None:
    office = make_port_office(tmp_path, ("ports", "wrecks", "crews", "buoys"))
    for dataset in ("ports", "wrecks", "crews"):
        office.entry(dataset, deadline={"rule": "none"})
    answer = office.run("plan")
    assert answer.verdicts == {"ports": "failed", "wrecks": "failed", "crews": "held", "buoys": "new"}
    assert "none" in answer.datasets["ports"]["reason"]
    assert answer.code == 1


def test_facts_are_told_per_edition_and_a_name_that_is_lost_stays() -> None:
    agency = agency_of(answer=[ANSWER_UNTIL, ANSWER_SINCE])
    facts = deadline_facts(make_entry(deadline=[{"rule": "answer"}, {"rule": "lost"}]), agency)
    told = {"rule": "answer", **COUNTED}
    assert facts == [
        {**told, "within": 15, "extension": 15, "valid_to": "2019-05-14"},
        {**told, "within": 20, "extension": 20, "valid_from": "2019-05-15"},
        {"rule": "lost"},
    ]
