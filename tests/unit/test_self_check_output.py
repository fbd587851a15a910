"""What the self-check says: an owner and a day for every fault, a list for each owner, one document, an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.workspace_factory import PortOffice, make_port_office, snapshot

DATASETS = ("buoys", "ports", "wrecks", "crews")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    monkeypatch.setenv("OPENDATA_TODAY", "2017-06-30")
    for name in ("OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    return make_port_office(tmp_path, DATASETS)


def found(office: PortOffice, rule: str) -> list[dict[str, Any]]:
    return [fault for fault in office.run("catalog check").document["faults"] if fault["rule"] == rule]


def test_a_fault_has_all_that_its_owner_needs(office: PortOffice) -> None:
    office.entry("ports", theme="星空")
    (fault,) = found(office, "theme-unknown")
    lines = office.entry_file("ports").read_text(encoding="utf-8").splitlines()
    assert set(fault) == {
        "issue", "rule", "title", "severity", "dataset", "owner", "file", "line", "message", "fix", "found", "due",
    }  # fmt: skip
    assert (fault["dataset"], fault["owner"], fault["severity"]) == ("ports", "观测处", "must")
    assert fault["file"] == "resource_catalog/entries/ports.yaml"
    assert lines[fault["line"] - 1] == "theme: 星空"
    assert (fault["found"], fault["due"]) == ("2017-06-30", "2017-07-07")
    assert fault["message"]
    assert fault["fix"]


def test_due_days_are_the_agencys(office: PortOffice) -> None:
    office.agency(self_check={"due_days": {"must": 3, "should": 10}})
    office.entry("ports", theme="星空", classification=None)
    assert found(office, "theme-unknown")[0]["due"] == "2017-07-03"
    assert found(office, "classification-missing")[0]["due"] == "2017-07-10"


@pytest.mark.parametrize(
    ("agency", "owner"),
    [
        ({}, "潮汐局"),
        ({"contact": {"name": "办公室"}}, "办公室"),
        ({"contact": {"name": "办公室"}, "self_check": {"owner": "信息中心"}}, "信息中心"),
    ],
)
def test_what_no_section_owns_has_an_owner(office: PortOffice, agency: dict[str, Any], owner: str) -> None:
    office.agency(**agency)
    (fault,) = found(office, "place-missing")
    assert (fault["dataset"], fault["owner"], fault["file"]) == ("", owner, "resource_catalog/agency.yaml")


@pytest.mark.parametrize(("theme", "code"), [("海洋", 0), ("星空", 1)])
@pytest.mark.parametrize("json", [True, False])
def test_it_ends_with_1_where_something_must_be_mended(office: PortOffice, theme: str, code: int, json: bool) -> None:
    office.entry("ports", theme=theme)
    assert office.run("catalog check", json=json).code == code


def test_faults_are_printed_by_owner_who_has_to_mend_first(office: PortOffice) -> None:
    office.entry("ports", theme="星空", owner="港务处")
    office.entry("wrecks", owner="救捞处", related=["307002/9", "307002/8"])
    lines = office.run("catalog check", json=False).out.splitlines()
    owners = [line.partition(":")[0] for line in lines if not line.startswith(" ")]
    assert owners[:2] == ["救捞处", "港务处"]
    block = lines[lines.index(next(line for line in lines if line.startswith("港务处"))) + 1 :]
    assert block[0].split()[:2] == ["must", "theme-unknown"]
    assert "due 2017-07-07" in block[0]
    document = office.run("catalog check").document
    must, should = document["counts"]["must"], document["counts"]["should"]
    assert must == 3
    assert lines[-1] == f"4 entries, 3 faults to mend, {should} to improve"


def test_points_are_told_for_what_the_public_may_know_of(office: PortOffice) -> None:
    metadata = office.run("catalog check").document["metadata"]
    assert list(metadata["datasets"]) == ["buoys", "ports", "wrecks"]
    score = metadata["datasets"]["ports"]
    assert list(score["dimensions"]) == [
        "findability", "accessibility", "interoperability", "reusability", "contextuality",
    ]  # fmt: skip
    assert sum(one["points"] for one in score["dimensions"].values()) == score["points"]
    assert sum(one["evaluated"] for one in score["dimensions"].values()) == score["evaluated"] == 295
    assert score["total"] == 405
    assert {"dcat:theme": 30, "dct:temporal": 20, "dct:spatial": 20}.items() <= score["lost"].items()


def test_what_the_metadata_lacks_is_a_fault_with_its_key(office: PortOffice) -> None:
    rules = {"theme-unmapped": "", "period-missing": "ports", "place-missing": ""}
    for rule, dataset in rules.items():
        assert [fault["dataset"] for fault in found(office, rule)].count(dataset) == 1
    office.agency(jurisdiction="潮汐市", theme_uris={"海洋": "http://example.org/data-theme/ENVI"})
    office.entry("ports", period={"start": "2015-01-01"})
    document = office.run("catalog check").document
    left = {(fault["rule"], fault["dataset"]) for fault in document["faults"]}
    assert not left & {("theme-unmapped", ""), ("place-missing", ""), ("period-missing", "ports")}
    assert not {"dcat:theme", "dct:temporal", "dct:spatial"} & set(document["metadata"]["datasets"]["ports"]["lost"])


def test_an_entry_without_a_theme_is_told_itself(office: PortOffice) -> None:
    office.entry("ports", theme=None)
    assert {fault["dataset"] for fault in found(office, "theme-unmapped")} == {"", "ports"}


def test_the_points_are_those_of_the_published_description(office: PortOffice) -> None:
    """What a release is given at its proof, the self-check foretold."""
    foretold = office.run("catalog check").document["metadata"]["datasets"]
    assert office.run("publish").code == 0
    proofs = office.run("verify").document["proofs"]
    told = {proof["dataset"]: proof["metadata"] for proof in proofs if proof["metadata"]}
    for dataset in ("buoys", "ports"):
        assert told[dataset]["points"] == foretold[dataset]["points"]
        assert told[dataset]["lost"] == foretold[dataset]["lost"]


def test_real_columns_are_compared_by_default(office: PortOffice) -> None:
    office.ports([("code", "name", "opened", "keeper", "remark")])
    assert [fault["dataset"] for fault in found(office, "item-missing")] == ["ports"]
    assert [fault["dataset"] for fault in found(office, "item-extra")] == ["ports"]


def test_looking_writes_nothing(office: PortOffice) -> None:
    before = snapshot(office.root)
    office.run("catalog check", "--columns")
    assert snapshot(office.root) == before
    assert not office.home.exists()
