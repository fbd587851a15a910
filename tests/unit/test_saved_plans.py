"""A saved plan is done exactly, or refused with what moved; where approval is required, nothing goes without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workspace_factory import PORTS, TODAY, PortOffice, make_port_office, snapshot


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    return make_port_office(tmp_path, ["ports", "buoys", "wrecks"])


@pytest.fixture
def saved(office: PortOffice, tmp_path: Path) -> Path:
    """A plan of an update of the ports, after a first publication."""
    assert office.run("publish").code == 0
    office.ports(PORTS[:3])
    file = tmp_path / "plan.json"
    assert office.run("plan", "--save", str(file)).code == 0
    return file


def source_moved(office: PortOffice) -> None:
    office.ports(PORTS[:2])


def source_moved_within_a_row(office: PortOffice) -> None:
    office.ports([*PORTS[:2], ("002", "别的名字", *PORTS[2][2:])])


def closed_column_moved(office: PortOffice) -> None:
    office.ports([*PORTS[:2], (*PORTS[2][:3], "另一个管理员", PORTS[2][4])])


def rules_moved(office: PortOffice) -> None:
    fields = [{**field, "title": "代码"} if field["name"] == "code" else field for field in fields_of(office)]
    office.schema("ports", fields=fields)


def fields_of(office: PortOffice) -> list[dict[str, object]]:
    return list(office.schemas["ports"]["fields"])


def description_moved(office: PortOffice) -> None:
    office.entry("ports", summary="别的摘要")


def another_dataset_moved(office: PortOffice) -> None:
    office.entry("buoys", openness="不公开", openness_basis="x")


def entry_added(office: PortOffice) -> None:
    office.add(
        "stations", "307002/000088", {"fields": [{"name": "x"}]}, title="新", openness="不公开", openness_basis="x"
    )


def entry_removed(office: PortOffice) -> None:
    office.entry_file("buoys").unlink()


def target_moved(office: PortOffice) -> None:
    assert office.run("withdraw", "buoys", "--reason", "x").code == 0


def plan_already_done(office: PortOffice) -> None:
    assert office.run("publish").code == 0


@pytest.mark.parametrize(
    ("move", "dataset"),
    [
        (source_moved, "ports"),
        (source_moved_within_a_row, "ports"),
        (closed_column_moved, "ports"),
        (rules_moved, "ports"),
        (description_moved, "ports"),
        (another_dataset_moved, "buoys"),
        (entry_added, "stations"),
        (entry_removed, "buoys"),
        (target_moved, "buoys"),
        (plan_already_done, "ports"),
    ],
)
def test_what_moved_is_named_and_nothing_done(
    office: PortOffice, saved: Path, move: Callable[[PortOffice], None], dataset: str
) -> None:
    move(office)
    before = snapshot(office.home)
    answer = office.run("publish", "--plan", str(saved))
    assert answer.code == 4
    assert answer.out == ""
    assert f"{dataset}: " in answer.err
    assert snapshot(office.home) == before


def test_same_plan_goes_through_once(office: PortOffice, saved: Path) -> None:
    answer = office.run("publish", "--plan", str(saved))
    assert (answer.code, answer.verdicts["ports"]) == (0, "published")
    assert answer.datasets["ports"]["release"] == 2
    assert office.run("publish", "--plan", str(saved)).code == 4


def test_plan_of_named_datasets_binds_these(office: PortOffice, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    office.run("plan", "ports", "--save", str(file))
    office.entry("buoys", summary="别的摘要")
    assert office.run("publish", "--plan", str(file)).code == 4
    assert office.run("publish", "ports", "--plan", str(file)).verdicts == {"ports": "published"}


def test_approval_demands_a_plan(office: PortOffice, tmp_path: Path) -> None:
    office.agency(approval="required")
    refused = office.run("publish")
    assert (refused.code, refused.out) == (4, "")
    assert "approval" in refused.err
    assert not office.portal.exists()
    assert not (office.home / "releases").exists()
    file = tmp_path / "plan.json"
    assert office.run("plan", "--save", str(file)).code == 0
    assert office.run("publish", "--plan", str(file)).code == 0
    assert office.run("publish").code == 0  # nothing is left to approve


@pytest.mark.parametrize(
    "content", [None, "", "{}", "[]", "null", '{"datasets": 3}', '{"datasets": [{"id": "ports"}]}', '{"datasets": [7]}']
)
def test_what_is_no_plan_is_refused(office: PortOffice, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    answer = office.run("publish", "--plan", str(file))
    assert answer.code in (2, 4)
    assert str(file) in answer.err
    assert "Traceback" not in answer.err
    assert not office.portal.exists()


def test_saved_plan_is_the_document_of_plan(office: PortOffice, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    said = office.run("plan", "--save", str(file)).document
    assert json.loads(file.read_text(encoding="utf-8"))["datasets"] == said["datasets"]


def test_plan_that_cannot_be_saved_is_said(office: PortOffice, tmp_path: Path) -> None:
    answer = office.run("plan", "--save", str(tmp_path / "nowhere" / "plan.json"))
    assert answer.code in (2, 3)
    assert "plan.json" in answer.err
    assert "Traceback" not in answer.err
