"""A waiver lets a `must` finding pass until its day, and readers see what, why, by whom and until when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workspace_factory import PORTS, TODAY, PortOffice, make_port_office

#: Two names that are too long, and one code that is no code.
LONG = ("名" * 21, "字" * 22)
ROWS = [*PORTS, ("011", LONG[0], "", "", ""), ("012", LONG[1], "", "", "")]
WAIVER = {"rule": "length", "column": "name", "reason": "登记名称如此", "person": "陈处长", "until": "2026-12-31"}
AFTER = "2027-01-01"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports"])
    office.ports(ROWS)
    return office


def waive(office: PortOffice, **changes: Any) -> None:
    office.entry("ports", quality={"waivers": [{**WAIVER, **changes}]})


def quality_of(office: PortOffice, number: int) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((office.release("ports", number) / "quality.json").read_bytes())
    return document


def checked(office: PortOffice) -> dict[str, Any]:
    ports: dict[str, Any] = office.run("check").datasets["ports"]
    return ports


def test_it_is_counted_published_and_shown(office: PortOffice) -> None:
    assert office.run("publish").verdicts["ports"] == "blocked"
    waive(office)
    ports = office.run("publish").datasets["ports"]
    assert (ports["verdict"], ports["rows"], ports["findings"]) == ("published", 5, {"must": 0, "should": 0})
    told = {**WAIVER, "count": 2}
    assert ports["waived"] == [told]
    summary = quality_of(office, 1)
    assert [(rule["rule"], rule["severity"], rule["count"]) for rule in summary["rules"]] == [("length", "must", 2)]
    assert summary["must"] == 0
    assert [{key: one[key] for key in told} for one in summary["waivers"]] == [told]
    page = (office.portal / "dataset/ports/index.html").read_text("utf-8")
    for said in (WAIVER["reason"], WAIVER["person"], WAIVER["until"]):
        assert page.count(said) == 1
    assert not any(name in json.dumps(summary, ensure_ascii=False) for name in LONG)
    assert office.run("verify").code == 0
    assert office.run("publish").datasets["ports"]["waived"] == [told]


def test_examples_say_that_they_are_waived(office: PortOffice) -> None:
    waive(office)
    office.ports([*ROWS, ("x", "短", "", "", "")])
    ports = checked(office)
    assert ports["valid"] is False
    assert {(one["rule"], one["row"], one["waived"]) for one in ports["findings"]} == {
        ("length", 5, True),
        ("length", 6, True),
        ("pattern", 7, False),
    }
    reason = office.run("publish").datasets["ports"]["reason"]
    assert "row 7" in reason
    assert "waived: length" in office.run("check", json=False).out


def test_the_last_day_counts_and_the_next_blocks_what_never_changed(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    waive(office)
    assert office.run("publish").verdicts["ports"] == "published"
    monkeypatch.setenv("OPENDATA_TODAY", str(WAIVER["until"]))
    assert office.run("publish").verdicts["ports"] == "unchanged"
    monkeypatch.setenv("OPENDATA_TODAY", AFTER)
    ports = office.run("publish").datasets["ports"]
    assert (ports["verdict"], ports["release"], ports["waived"]) == ("blocked", 1, [])
    assert checked(office)["counts"] == {"length": 2, "waiver-expired": 1}
    waive(office, until="2027-12-31", person="赵处长")
    renewed = office.run("publish").datasets["ports"]
    assert (renewed["release"], renewed["waived"][0]["person"]) == (2, "赵处长")


def test_one_that_is_over_or_of_no_use_is_told_and_blocks_nothing(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    waive(office)
    office.ports()
    assert checked(office)["counts"] == {"waiver-unused": 1}
    ports = office.run("publish").datasets["ports"]
    assert (ports["verdict"], ports["findings"], ports["waived"]) == ("published", {"must": 0, "should": 1}, [])
    monkeypatch.setenv("OPENDATA_TODAY", AFTER)
    assert checked(office)["counts"] == {"waiver-expired": 1}
    assert checked(office)["valid"] is True


def test_without_a_column_it_is_for_all_and_with_one_for_that(office: PortOffice) -> None:
    waive(office, column="")
    assert checked(office)["waived"][0]["count"] == 2
    waive(office, column="opened")
    assert checked(office)["counts"] == {"length": 2, "waiver-unused": 1}
    assert checked(office)["valid"] is False


def test_the_first_of_two_counts(office: PortOffice) -> None:
    office.entry("ports", quality={"waivers": [{**WAIVER, "person": "甲"}, {**WAIVER, "column": "", "person": "乙"}]})
    ports = checked(office)
    assert [(one["person"], one["count"]) for one in ports["waived"]] == [("甲", 2)]
    assert ports["counts"] == {"length": 2, "waiver-unused": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "type"},
        {"rule": "primary-key"},
        {"rule": "required", "column": "code"},
        {"rule": "missing-column"},
        {"rule": "extra-column"},
        {"rule": "ragged-row", "column": ""},
        {"rule": "hidden-sheet", "column": ""},
        {"rule": "score-floor", "column": ""},
        {"rule": "quarantine-ceiling", "column": ""},
        {"rule": "number-digits", "column": ""},
        {"rule": "no-such-rule"},
        {"column": "no-such-field"},
    ],
)
def test_what_may_not_be_waived_is_refused(office: PortOffice, changes: dict[str, str]) -> None:
    office.ports()
    waive(office, **changes)
    answer = office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert "quality.waivers of ports" in answer.datasets["ports"]["reason"]
    assert not (office.home / "releases").exists()


def test_a_waiver_for_all_columns_spares_the_key(office: PortOffice) -> None:
    waive(office, rule="required", column="")
    office.ports([*PORTS, ("", "无码港", "", "", ""), ("013", "", "", "", "")])
    ports = checked(office)
    assert (ports["valid"], ports["counts"]) == (False, {"required": 2})
    assert [(one["rule"], one["count"]) for one in ports["waived"]] == [("required", 1)]


def test_what_a_mask_hangs_on_may_not_be_waived(office: PortOffice) -> None:
    """A misspelt kind would leave a person's name as it is."""
    fields = [
        {"name": "code", "type": "string"},
        {"name": "name", "type": "string", "mask": {"as": "person-name", "where": {"opened": ["人"]}}},
        {"name": "opened", "type": "string", "constraints": {"enum": ["人", "法人"]}},
        {"name": "keeper", "type": "string", "constraints": {"enum": ["丙"]}},
        {"name": "keeper_id", "type": "string"},
    ]
    office.schema("ports", fields=fields)
    office.ports([PORTS[0], ("001", "王某某", "人 ", "丙", ""), ("002", "东港", "法人", "丁", "")])
    waive(office, rule="enum", column="opened")
    assert office.run("publish").verdicts["ports"] == "failed"
    waive(office, rule="enum", column="")
    assert office.run("publish").verdicts["ports"] == "blocked"
    assert [one["count"] for one in checked(office)["waived"]] == [1]
    assert not (office.home / "releases").exists()


@pytest.mark.parametrize(
    "changes", [{"reason": ""}, {"person": " "}, {"rule": ""}, {"until": "soon"}, {"until": None}, {"note": "x"}]
)
def test_a_waiver_without_reason_person_or_day_is_no_entry(office: PortOffice, changes: dict[str, Any]) -> None:
    waive(office, **changes)
    assert office.run("publish").verdicts["ports"] == "failed"


def test_waived_rows_stay_where_others_are_held_back(office: PortOffice) -> None:
    quarantine = {"share": 0.5}
    office.entry("ports", quality={"waivers": [WAIVER], "quarantine": quarantine})
    office.ports([*ROWS, ("x", "字" * 30, "", "", "")])
    ports = office.run("publish").datasets["ports"]
    assert (ports["verdict"], ports["rows"]) == ("published", 5)
    assert ports["held_back"] == {"rows": 1, "of": 6, "rules": {"pattern": 1}}
    assert ports["waived"][0]["count"] == 2


def test_should_findings_travel_with_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports", "tides"])
    office.tides([{"port": "001", "at": "2026-11-01T06:12:00+08:00", "height": "3.14159265358979323846"}])
    tides = office.run("publish").datasets["tides"]
    assert (tides["verdict"], tides["findings"]) == ("published", {"must": 0, "should": 1})
    summary = json.loads((office.release("tides", 1) / "quality.json").read_bytes())
    assert [(rule["rule"], rule["severity"], rule["count"]) for rule in summary["rules"]] == [
        ("number-digits", "should", 1)
    ]
    known = {"rows", "profile", "gate", "score", "dimensions", "indicators", "must", "should", "rules"}
    assert set(summary) == known
