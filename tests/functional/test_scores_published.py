"""Scores from the check to the page: in JSON, in releases, of sections and agency, over time, and explained."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workspace_factory import PORTS, PortOffice, snapshot

GB, DB31 = "GB/T 36344-2018", "DB31/T 1523-2024"
#: One row whose code, name and date are at fault.
BAD = ("1", "", "昨天", "", "")


def indicator(document: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["indicators"] if one["code"] == code)
    return found


def quality_of(office: PortOffice, dataset: str, number: int) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((office.release(dataset, number) / "quality.json").read_bytes())
    return document


def test_check_gives_a_and_b_of_every_rule_by_both_profiles(office: PortOffice) -> None:
    office.ports([*PORTS, BAD])
    ports = office.run("check", "ports").datasets["ports"]
    assert (ports["profile"], set(ports["profiles"])) == (GB, {GB, DB31})
    filled = indicator(ports, "0201")
    assert (filled["a"], filled["b"], filled["value"]) == (7, 8, 0.875)
    assert filled["rules"] == [{"rule": "required", "a": 7, "b": 8}]
    dirty, clean = indicator(ports, "0305"), indicator(ports["profiles"][DB31], "030500")
    assert (dirty["kind"], dirty["a"], dirty["b"]) == ("rate", 2, 10)
    assert (clean["kind"], clean["a"], clean["b"], clean["value"]) == ("complement", 2, 10, 0.8)
    assert indicator(ports["profiles"][DB31], "010100")["parts"] == ["010101", "010102", "010103"]
    assert ports["score"] == ports["profiles"][GB]["score"] < 100
    unknown = indicator(ports, "0502")
    assert (unknown["a"], unknown["b"], unknown["value"]) == (None, None, None)
    assert unknown["reason"]
    assert unknown["reason_en"]


def test_the_gate_is_said_beside_the_score(office: PortOffice) -> None:
    office.ports([*PORTS, BAD])
    found = office.run("check").datasets
    assert found["ports"]["gate"] == {"blocked_by": ["pattern", "required", "type"]}
    assert found["ports"]["score"] > 80
    assert found["buoys"]["gate"] == {"blocked_by": []}
    assert "gate: blocked by pattern, required, type" in office.run("check", "ports", json=False).out


def test_sections_and_agency_are_sums_of_a_and_b(office: PortOffice) -> None:
    office.entry("ports", owner="港务处")
    office.entry("tides", owner="港务处")
    office.ports([*PORTS, BAD])
    document = office.run("check").document
    datasets = {one["id"]: one for one in document["datasets"]}
    sections = {section["owner"]: section for section in document["sections"]}
    assert sections["港务处"]["datasets"] == 2
    assert sections["港务处"]["valid"] == 1
    assert sum(section["datasets"] for section in sections.values()) == document["agency"]["datasets"] == 6
    for group, members in ((sections["港务处"], ["ports", "tides"]), (document["agency"], list(datasets))):
        for profile in (GB, DB31):
            for one in group["profiles"][profile]["indicators"]:
                own = [indicator(datasets[name]["profiles"][profile], one["code"]) for name in members]
                counted = [each for each in own if each["b"] is not None]
                assert one["a"] == (sum(each["a"] for each in counted) if counted else None)
                assert one["b"] == (sum(each["b"] for each in counted) if counted else None)


def test_what_could_not_be_judged_is_named_and_in_no_score(office: PortOffice) -> None:
    (office.samples / "ports.csv").write_bytes(b"")
    (office.samples / "wrecks.csv").unlink()
    document = office.run("check").document
    assert set(document["agency"]["not_scored"]) >= {"ports", "wrecks"}
    ports = next(one for one in document["datasets"] if one["id"] == "ports")
    assert (ports["score"], ports["dimensions"], ports["indicators"]) == (None, {}, [])
    assert ports["gate"]["blocked_by"] == ["empty-file"]


def test_releases_keep_a_and_b_and_no_value_of_a_cell(published: PortOffice) -> None:
    text = (published.release("ports", 1) / "quality.json").read_text(encoding="utf-8")
    assert not any(cell in text for row in PORTS[1:] for cell in row if len(cell) > 3 or not cell.isascii())
    document = json.loads(text)
    assert (document["profile"], document["gate"]) == (GB, {"blocked_by": []})
    checked = published.run("check", "ports").datasets["ports"]
    for key in ("profile", "score", "dimensions", "indicators"):
        assert document[key] == checked[key]


def test_history_is_that_of_the_releases(published: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    assert published.run("check", "ports").datasets["ports"]["history"][0]["release"] == 1
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-01")
    published.agency(thresholds={"profile": DB31})
    published.ports([*PORTS, ("011", "北港", "2026-01-01", "", "")])
    assert published.run("publish", "ports").datasets["ports"]["release"] == 2
    history = published.run("check", "ports").datasets["ports"]["history"]
    assert [(one["release"], one["date"], one["profile"]) for one in history] == [
        (1, "2026-11-24", GB),
        (2, "2026-12-01", DB31),
    ]
    assert [one["score"] for one in history] == [quality_of(published, "ports", n)["score"] for n in (1, 2)]
    page = (published.portal / "dataset/ports/index.html").read_text(encoding="utf-8")
    assert page.count(DB31) > page.count(GB) > 0
    assert published.run("check", "crews").datasets["crews"]["history"] == []


def test_other_scores_of_the_same_data_make_no_release(published: PortOffice) -> None:
    """A newer program scores otherwise as another profile does: what is published stays, with the score it had."""
    before = snapshot(published.home / "releases")
    published.agency(thresholds={"profile": DB31})
    answer = published.run("publish")
    assert answer.verdicts["ports"] == "unchanged"
    assert snapshot(published.home / "releases") == before
    assert published.run("check", "ports").datasets["ports"]["profile"] == DB31


def test_timeliness_is_of_the_day_and_in_no_score(published: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    published.entry("ports", update_cycle="每月")
    published.entry("buoys", update_cycle="不定期")
    published.run("publish")
    found = []
    for day in ("2026-12-01", "2027-03-01"):
        monkeypatch.setenv("OPENDATA_TODAY", day)
        found.append(published.run("check").document)
    early, late = ({one["id"]: one for one in document["datasets"]} for document in found)
    assert [one["ports"]["timeliness"]["a"] for one in (early, late)] == [1, 0]
    assert early["buoys"]["timeliness"]["b"] is None
    assert early["buoys"]["timeliness"]["reason"]
    assert early["crews"]["timeliness"]["b"] is None
    assert [one["ports"]["score"] for one in (early, late)] == [100, 100]
    assert indicator(late["ports"], "0502")["value"] is None
    agency = [document["agency"]["timeliness"] for document in found]
    assert agency[0]["b"] == agency[1]["b"] >= 1
    assert agency[1]["a"] < agency[0]["a"]


def test_explanation_goes_down_to_the_rule_and_says_what_to_mend(office: PortOffice) -> None:
    office.ports([*PORTS, BAD])
    plain, told = (office.run("check", "ports", *more, json=False).out for more in ((), ("--explain",)))
    assert set(plain.splitlines()) <= set(told.splitlines())
    lines = [line.strip() for line in told.splitlines()]
    assert "required: 7/8" in lines
    assert any(line.startswith("0303 ") and "0/4" in line for line in lines)
    first = lines.index("mend first:")
    assert lines[first + 1].startswith("required in name: 1 to mend")
    assert any(line.startswith("type in opened: 1 to mend") for line in lines[first:])


def test_a_lone_file_is_explained_and_has_no_section(office: PortOffice) -> None:
    files = ("--data", str(office.samples / "ports.csv"), "--schema", str(office.root / "schemas/ports.schema.json"))
    document = office.run("check", *files).document
    assert set(document) == {"datasets"}
    assert document["datasets"][0]["profile"] == GB
    assert "0201 " in office.run("check", *files, "--explain", json=False).out
