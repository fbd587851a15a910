"""The self-check tells what is later than its cycle promises, and what is open in the catalogue and nowhere else."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.commands.currency import check_currency
from pipelines.commands.run import Run, open_run
from pipelines.handover import Form
from pipelines.ledger import PUBLISHED, RELEASED, WITHDRAWN, Act
from pipelines.reporting.progress import Progress
from resource_catalog.catalog_values import CatalogFault
from tests.catalogue_factory import ENTRY, make_workspace

ON_REQUEST = {"openness": "依申请公开", "openness_basis": "《条例》第十三条", "openness_condition": "说明用途"}


@pytest.fixture(autouse=True)
def _default_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENDATA_LEDGER_URL", raising=False)


def run_on(root: Path, today: str, *entries: dict[str, Any], **agency: Any) -> Run:
    """A run over entries that differ from ENTRY so, on a day."""
    workspace = make_workspace(root, *entries, **agency)
    with pytest.MonkeyPatch.context() as patch, Progress(quiet=True) as progress:
        patch.setenv("OPENDATA_TODAY", today)
        return open_run(workspace.root, root / "home", progress)


def act(kind: str, day: str, release: int | None = None, **detail: Any) -> Act:
    at = datetime.datetime.fromisoformat(f"{day}T08:00:00+00:00")
    return Act(kind, ENTRY["id"], at, "test", release, detail=detail)


def released(day: str, number: int = 1) -> Act:
    return act(RELEASED, day, number, inputs="", rows=1)


def enter(run: Run, *acts: Act) -> None:
    """Write acts into the run's ledger, and let the run read it anew."""
    run.home.root.mkdir(exist_ok=True)
    run.ledger.append(*acts)
    run.ledger.renew()


def found(run: Run) -> list[tuple[str, str, str]]:
    return [(fault.rule, fault.severity, fault.subject) for fault in check_currency(run)]


def line_text(run: Run, fault: CatalogFault) -> str:
    assert fault.line is not None
    return fault.file.read_text(encoding="utf-8").splitlines()[fault.line - 1]


@pytest.mark.parametrize(
    ("cycle", "today", "late"),
    [
        ("每月", "2017-08-07", False),  # released in June: due by the end of July, and seven days of grace
        ("每月", "2017-08-08", True),
        ("每日", "2017-06-09", False),
        ("每日", "2017-06-10", True),
        ("每年", "2018-12-31", False),
        ("实时", "2030-01-01", False),
        ("不定期", "2030-01-01", False),
        ("不更新", "2030-01-01", False),
    ],
)
def test_a_release_beyond_its_cycle_and_grace_is_stale(tmp_path: Path, cycle: str, today: str, late: bool) -> None:
    run = run_on(tmp_path, today, {"update_cycle": cycle})
    enter(run, released("2017-06-01"))
    assert found(run) == ([("stale", "should", "update_cycle")] if late else [])
    for fault in check_currency(run):
        assert (fault.owner, line_text(run, fault)) == ("观测处", f"update_cycle: {cycle}")


def test_grace_is_the_agencys(tmp_path: Path) -> None:
    run = run_on(tmp_path, "2017-08-08", {"update_cycle": "每月"}, self_check={"grace_days": 8})
    enter(run, released("2017-06-01"))
    assert found(run) == []


def test_the_newest_release_counts(tmp_path: Path) -> None:
    run = run_on(tmp_path, "2017-08-08", {"update_cycle": "每月", "opened": "2016-01-01"})
    enter(run, released("2017-06-01"), released("2017-07-20", 2))
    assert found(run) == []


@pytest.mark.parametrize(("issued", "late"), [("2017-01-01", True), ("2017-06-02", False), (None, True)])
def test_without_a_ledger_the_entrys_own_dates_count(tmp_path: Path, issued: str | None, late: bool) -> None:
    run = run_on(tmp_path, "2017-06-05", {"opened": "2016-03-01", "issued": issued})
    assert found(run) == ([("stale", "should", "update_cycle")] if late else [])
    assert not run.home.root.exists()


@pytest.mark.parametrize(
    ("today", "settings", "late"),
    [
        ("2017-12-31", {}, False),
        ("2018-01-01", {}, True),
        ("2017-06-11", {"open_within_days": 10}, False),
        ("2017-06-12", {"open_within_days": 10}, True),
    ],
)
@pytest.mark.parametrize("openness", [{}, ON_REQUEST])
def test_what_stays_unopened_beyond_its_day(
    tmp_path: Path, today: str, settings: dict[str, int], late: bool, openness: dict[str, str]
) -> None:
    run = run_on(tmp_path, today, {**openness, "update_cycle": "不定期"}, self_check=settings)
    assert found(run) == ([("unopened", "should", "openness")] if late else [])
    for fault in check_currency(run):
        assert (fault.owner, line_text(run, fault).partition(":")[0]) == ("观测处", "openness")


@pytest.mark.parametrize(
    "changes",
    [
        {"opened": "2017-07-01"},
        {"openness": "不公开", "openness_basis": "《条例》第十四条"},
        {"channels": ["sharing"]},
    ],
)
def test_what_is_opened_or_need_not_be_is_no_fault(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert found(run_on(tmp_path, "2030-01-01", {"update_cycle": "不定期", **changes})) == []


def test_a_release_opens_and_a_withdrawal_closes(tmp_path: Path) -> None:
    run = run_on(tmp_path, "2030-01-01", {"update_cycle": "不定期"})
    enter(run, released("2017-06-01"))
    assert found(run) == []
    enter(run, act(WITHDRAWN, "2017-06-02", reason="错误"))
    assert found(run) == [("unopened", "should", "openness")]


def test_a_notice_opens_what_is_given_on_request(tmp_path: Path) -> None:
    run = run_on(tmp_path, "2030-01-01", ON_REQUEST)
    enter(run, act(PUBLISHED, "2017-06-01", form=Form.NOTICE, kept=[]))
    assert found(run) == []


def test_an_open_resource_without_a_date_is_told_at_once(tmp_path: Path) -> None:
    run = run_on(tmp_path, "2017-01-01", {"issued": None})
    assert found(run) == [("unopened", "should", "openness")]


def test_days_that_have_not_come_are_told(tmp_path: Path) -> None:
    run = run_on(tmp_path, "2017-05-01", {"opened": "2017-05-02", "update_cycle": "不定期"})
    assert found(run) == [("date-ahead", "should", "opened"), ("date-ahead", "should", "issued")]
