"""Where an entry allows it, rows that break `must` rules are held back, counted and listed; the rest is published."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import frictionless
import pytest

from quality.rules import length, reading
from tests.workspace_factory import (
    NEVER_CANARY,
    PORTS,
    SHARED_CANARY,
    TODAY,
    PortOffice,
    files_with,
    make_port_office,
    snapshot,
)

#: Longer than a name may be, so that its row is at fault; no reader may find it.
CANARY = "canary-of-a-row-held-back-7395"
FORMULA = "=HYPERLINK(A1)" + "港" * 20
HEADING, *GOOD = PORTS
TWICE = (("002", "西港", "", SHARED_CANARY, NEVER_CANARY), ("002", "西二港", "", SHARED_CANARY, NEVER_CANARY))
LONG = ("020", CANARY, "2001-01-01", SHARED_CANARY, NEVER_CANARY)
#: Row 3 and 4 have one key, row 6 too long a name.
FAULTY = (HEADING, GOOD[0], *TWICE, GOOD[2], LONG)
HALF = {"quarantine": {"share": 0.6}}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports", "tides"])
    office.ports(FAULTY)
    office.entry("ports", quality=HALF)
    return office


def released(office: PortOffice, dataset: str, number: int) -> list[list[str]]:
    file = office.release(dataset, number) / "data" / f"{dataset}.csv"
    return list(csv.reader(file.read_text("utf-8").splitlines()))[1:]


def quality_of(office: PortOffice, dataset: str, number: int) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((office.release(dataset, number) / "quality.json").read_bytes())
    return document


def listed(office: PortOffice, dataset: str, number: int) -> list[list[str]]:
    file = office.home / "quarantine" / dataset / f"{number}.csv"
    return list(csv.reader(file.read_text("utf-8-sig").splitlines()))[1:]


def test_the_rest_is_published_and_says_what_it_lacks(office: PortOffice) -> None:
    answer = office.run("publish", "ports")
    ports = answer.datasets["ports"]
    assert (answer.code, ports["verdict"], ports["rows"], ports["findings"]["must"]) == (0, "published", 2, 0)
    assert ports["held_back"] == {"rows": 3, "of": 5, "rules": {"length": 1, "primary-key": 2}}
    assert released(office, "ports", 1) == [["001", "东港", "1901-05-01"], ["010", "南港", ""]]
    summary = quality_of(office, "ports", 1)
    assert (summary["rows"], summary["must"], summary["rules"]) == (2, 0, [])
    assert [(rule["rule"], rule["rows"]) for rule in summary["held_back"]["rules"]] == [
        ("length", 1),
        ("primary-key", 2),
    ]
    assert (summary["held_back"]["rows"], summary["held_back"]["of"]) == (3, 5)
    assert frictionless.validate(str(office.release("ports", 1) / "datapackage.json")).valid
    assert office.run("verify").code == 0


def test_no_byte_that_leaves_has_a_row_held_back(office: PortOffice) -> None:
    assert office.run("publish").verdicts == {"ports": "published", "tides": "published"}
    for place in (office.home / "releases", office.portal):
        for canary in (CANARY, "西二港"):
            assert files_with(place, canary) == []
    page = (office.portal / "dataset/ports/index.html").read_text("utf-8")
    assert "held-back" in page


def test_officers_have_a_list_with_personal_values_masked(office: PortOffice) -> None:
    fields = [
        {**field, "constraints": {"pattern": "[a-z0-9-]+"}} if field["name"] == "keeper_id" else field
        for field in office.schemas["ports"]["fields"]
    ]
    office.schema("ports", fields=fields)
    office.ports([*FAULTY[:2], *FAULTY[4:], ("030", FORMULA, "", SHARED_CANARY, "3101 秘密")])
    office.run("publish")
    assert [(row, column, rule, value) for row, column, rule, _title, value in listed(office, "ports", 1)] == [
        ("4", "name", "length", CANARY),
        ("5", "keeper_id", "pattern", "3" + "*" * 6),
        ("5", "name", "length", f"'{FORMULA}"),
    ]
    assert files_with(office.home, "3101 秘密") == []


@pytest.mark.parametrize("ceiling", [{"share": 0.59}, {"share": 1.0, "rows": 2}])
def test_more_than_the_ceiling_blocks_as_before(office: PortOffice, ceiling: dict[str, Any]) -> None:
    office.entry("ports", quality={"quarantine": ceiling})
    answer = office.run("publish", "ports")
    assert (answer.code, answer.datasets["ports"]["verdict"]) == (1, "blocked")
    assert answer.datasets["ports"]["held_back"] is None
    checked = office.run("check", "ports").datasets["ports"]
    assert checked["counts"] == {"length": 1, "primary-key": 1, "quarantine-ceiling": 1}
    assert (checked["valid"], checked["rows"], checked["held_back"]) == (False, 5, None)
    assert not (office.home / "quarantine").exists()
    assert not (office.home / "releases").exists()


def test_a_table_of_bad_rows_alone_is_blocked(office: PortOffice) -> None:
    office.entry("ports", quality={"quarantine": {"share": 1}})
    office.ports([HEADING, *TWICE])
    assert office.run("check", "ports").datasets["ports"]["counts"] == {"primary-key": 1, "quarantine-ceiling": 1}


def test_without_the_key_in_the_entry_all_is_as_before(office: PortOffice) -> None:
    office.entry("ports", quality=None)
    ports = office.run("publish", "ports").datasets["ports"]
    assert (ports["verdict"], ports["held_back"], ports["rows"]) == ("blocked", None, 5)


def test_check_and_plan_say_it_and_write_nothing(office: PortOffice) -> None:
    before = snapshot(office.root)
    checked = office.run("check", "ports").datasets["ports"]
    assert (checked["valid"], checked["rows"], checked["counts"]) == (True, 2, {})
    assert checked["held_back"] == {"rows": 3, "of": 5, "rules": {"length": 1, "primary-key": 2}}
    planned = office.run("plan", "ports").datasets["ports"]
    assert (planned["verdict"], planned["held_back"]) == ("new", checked["held_back"])
    assert "held back: 3 of 5 rows" in office.run("check", "ports", json=False).out
    assert "held back: 3 of 5 rows" in office.run("plan", "ports", json=False).out
    assert not office.home.exists()
    assert snapshot(office.root) == before


def tide(port: str) -> dict[str, Any]:
    return {"port": port, "at": "2026-11-02T06:12:00+08:00", "height": 1.0}


def write_tides(office: PortOffice, ports: Sequence[str]) -> None:
    office.tides([tide(port) for port in ports])


def test_what_refers_to_a_row_held_back_refers_to_nothing(office: PortOffice) -> None:
    write_tides(office, ["001", "002", "020", "010"])
    answer = office.run("publish")
    assert answer.verdicts == {"ports": "published", "tides": "blocked"}
    assert office.run("check", "tides").datasets["tides"]["counts"] == {"foreign-key": 2}
    office.entry("tides", quality=HALF)
    tides = office.run("publish").datasets["tides"]
    assert (tides["verdict"], tides["held_back"]) == ("published", {"rows": 2, "of": 4, "rules": {"foreign-key": 2}})
    keys = (office.release("tides", 1) / "data" / "ports.keys.csv").read_text("utf-8").split()
    assert keys == ["code", "001", "010"]
    assert frictionless.validate(str(office.release("tides", 1) / "datapackage.json")).valid


@pytest.mark.parametrize("by_time", [True, False])
def test_another_tables_gate_decides_anew_on_what_refers_to_it(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch, by_time: bool
) -> None:
    """Source and schema of both are the same; what the tides may refer to is not, once a port is held back."""
    waiver = {"rule": "length", "reason": "x", "person": "y", "until": TODAY}
    office.entry("ports", quality={**HALF, "waivers": [waiver]})
    write_tides(office, ["001", "020"])
    assert office.run("publish").verdicts == {"ports": "published", "tides": "published"}
    assert office.run("publish").verdicts == {"ports": "unchanged", "tides": "unchanged"}
    if by_time:
        monkeypatch.setenv("OPENDATA_TODAY", "2026-11-25")
    else:
        office.entry("ports", quality=HALF)
    assert office.run("publish").verdicts == {"ports": "published", "tides": "blocked"}


def test_tables_that_refer_to_each_other_end(office: PortOffice) -> None:
    key = {"fields": ["code"], "reference": {"resource": "tides", "fields": ["port"]}}
    office.schema("ports", foreignKeys=[key])
    office.entry("tides", quality=HALF)
    write_tides(office, ["001", "020", "010"])
    answer = office.run("publish")
    assert answer.verdicts == {"ports": "published", "tides": "published"}
    assert [row[0] for row in released(office, "tides", 1)] == ["001", "010"]
    assert [row[0] for row in released(office, "ports", 1)] == ["001", "010"]


def test_a_fault_of_reading_is_never_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["buoys"])
    office.entry("buoys", quality={"quarantine": {"share": 1}}, source={"path": "samples/buoys.xlsx", "header_row": 2})
    rows = [("浮标一览表", None, None), ("编号", "名称", "检修次数")]
    office.buoys([*rows, ("1", "一号浮标", 3), ("2", "#REF!", 1), ("3", "三号浮标", "很多")])
    checked = office.run("check").datasets["buoys"]
    assert checked["counts"] == {"cell-error": 1, "type": 1}
    assert (checked["valid"], checked["held_back"]) == (False, None)


def test_nor_is_one_that_the_scan_judges(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some tables are judged where they lie, their characters with the rest."""
    monkeypatch.setattr(reading, "RULES", (*reading.RULES, length.RULE))
    checked = office.run("check", "ports").datasets["ports"]
    assert (checked["valid"], checked["held_back"]) == (False, None)


def test_a_published_row_that_goes_bad_is_removed_and_comes_back_mended(office: PortOffice) -> None:
    office.ports()
    assert office.run("publish", "ports").datasets["ports"]["rows"] == 3
    office.ports([*PORTS[:3], ("010", CANARY, *PORTS[3][2:])])
    second = office.run("publish", "ports").datasets["ports"]
    assert (second["release"], second["changes"]) == (2, {"added": 0, "removed": 1, "changed": 0})
    office.ports()
    third = office.run("publish", "ports").datasets["ports"]
    assert (third["release"], third["changes"]) == (3, {"added": 1, "removed": 0, "changed": 0})
    assert third["held_back"] is None
    assert "held_back" not in quality_of(office, "ports", 3)


def test_the_same_rows_with_others_held_back_are_another_release(office: PortOffice) -> None:
    office.run("publish", "ports")
    assert office.run("publish", "ports").datasets["ports"]["verdict"] == "unchanged"
    assert office.run("publish", "ports").datasets["ports"]["held_back"]["rows"] == 3
    office.ports(FAULTY[:5])
    second = office.run("publish", "ports").datasets["ports"]
    assert (second["release"], second["changes"]) == (2, {"added": 0, "removed": 0, "changed": 0})
    assert second["held_back"] == {"rows": 2, "of": 4, "rules": {"primary-key": 2}}


def test_the_same_source_gives_the_same_bytes(office: PortOffice, tmp_path: Path) -> None:
    digests = [
        office.run("publish", "ports", home=tmp_path / name).datasets["ports"]["digest"] for name in ("one", "two")
    ]
    assert digests[0] == digests[1] != ""
    lists = [(tmp_path / name / "quarantine/ports/1.csv").read_bytes() for name in ("one", "two")]
    assert lists[0] == lists[1]


def test_the_score_is_that_of_what_is_published(office: PortOffice) -> None:
    office.entry("ports", quality={**HALF, "minimum_score": 100})
    assert office.run("check", "ports").datasets["ports"]["score"] == 100
    office.entry("ports", quality={"minimum_score": 100})
    assert "score-floor" in office.run("check", "ports").datasets["ports"]["counts"]


def test_a_score_too_low_for_the_rest_blocks_it_and_holds_back_nothing(office: PortOffice) -> None:
    """Another table may then refer to every row of the source, as to any table that is blocked."""
    waiver = {"rule": "length", "column": "", "reason": "x", "person": "y", "until": "2026-12-31"}
    office.entry("ports", quality={**HALF, "minimum_score": 100, "waivers": [waiver]})
    write_tides(office, ["001", "002"])
    answer = office.run("publish")
    assert answer.verdicts == {"ports": "blocked", "tides": "published"}
    assert office.run("check", "ports").datasets["ports"]["counts"] == {"length": 1, "score-floor": 1}
