"""Looking changes nothing, and neither does publishing what is published: not a byte, not a time, not a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspace_factory import PORTS, PortOffice, snapshot

LOOKING = ("plan", "check", "status", "verify", "catalog check")


def both(office: PortOffice) -> dict[str, object]:
    return {"workspace": snapshot(office.root), "home": snapshot(office.home)}


@pytest.mark.parametrize("command", LOOKING)
def test_looking_at_a_fresh_workspace_makes_no_home(office: PortOffice, command: str) -> None:
    before = snapshot(office.root)
    office.run(command)
    assert not office.home.exists()
    assert snapshot(office.root) == before


def test_plan_saves_its_file_and_nothing_else(office: PortOffice, tmp_path: Path) -> None:
    before = snapshot(office.root)
    assert office.run("plan", "--save", str(tmp_path / "plan.json")).code == 0
    assert not office.home.exists()
    assert snapshot(office.root) == before


@pytest.mark.parametrize("command", [*LOOKING, "publish"])
def test_nothing_is_written_where_all_is_published(published: PortOffice, command: str) -> None:
    before = both(published)
    assert published.run(command).code == 0
    assert both(published) == before


@pytest.mark.parametrize("command", ["plan", "check", "verify", "status"])
def test_looking_at_what_changed_writes_nothing(published: PortOffice, command: str) -> None:
    published.ports(PORTS[:2])
    published.buoys([("a",)])
    before = both(published)
    published.run(command)
    assert both(published) == before


def test_publishing_after_a_withdrawal_writes_nothing(published: PortOffice) -> None:
    assert published.run("withdraw", "stations", "--reason", "数据有误").code == 0
    before = both(published)
    assert published.run("publish").code == 0
    assert both(published) == before


def test_on_another_day_nothing_is_written(published: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    before = both(published)
    monkeypatch.setenv("OPENDATA_TODAY", "2027-01-31")
    assert published.run("publish").code == 0
    assert both(published) == before


def test_equal_bytes_of_a_rewritten_source_write_nothing(published: PortOffice) -> None:
    published.ports()
    published.tides()
    before = snapshot(published.home)
    assert published.run("publish").code == 0
    assert snapshot(published.home) == before


def test_same_rows_in_another_order_write_nothing(published: PortOffice) -> None:
    published.ports([PORTS[0], *reversed(PORTS[1:])])
    before = snapshot(published.home)
    assert published.run("publish").verdicts["ports"] == "unchanged"
    assert snapshot(published.home) == before
