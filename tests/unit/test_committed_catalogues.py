"""The committed workspaces' own self-check: once everything is released, the first has no fault at all."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pipelines.commands.run import Run, open_run
from pipelines.commands.self_check import self_check
from pipelines.handover import Form
from pipelines.ledger import PUBLISHED, RELEASED, Act
from pipelines.reporting.progress import Progress
from pipelines.self_check import SelfCheck
from resource_catalog.selection import select

REPOSITORY = Path(__file__).parents[2]
FOREIGN = REPOSITORY / "tests" / "workspaces" / "library-board"


def _release_all(run: Run) -> None:
    """Write into the ledger that every entry is shown, in its form, since this run's day."""
    at = run.at - datetime.timedelta(hours=1)
    run.home.root.mkdir()
    for selection in select(run.catalog):
        dataset = selection.entry.id
        if selection.form == "release":
            run.ledger.append(Act(RELEASED, dataset, at, "test", 1, detail={"inputs": "", "rows": 1}))
        elif selection.form == "notice":
            run.ledger.append(Act(PUBLISHED, dataset, at, "test", detail={"form": Form.NOTICE, "kept": []}))


def check(workspace: Path, folder: Path, today: str, *, released: bool) -> SelfCheck:
    with pytest.MonkeyPatch.context() as patch, Progress(quiet=True) as progress:
        for name in ("OPENDATA_LEDGER_URL", "OFFICIAL_DOCUMENTS_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("OPENDATA_TODAY", today)
        run = open_run(workspace, folder / "home", progress, folder / "work")
        if released:
            _release_all(run)
        return self_check(run)


def test_the_first_workspace_has_no_fault_once_it_is_released(tmp_path: Path) -> None:
    found = check(REPOSITORY, tmp_path, "2018-03-01", released=True)
    assert found.entries == 38
    assert [(issue.fault.rule, issue.fault.entry) for issue in found.issues] == []
    assert found.not_compared == {}


@pytest.mark.parametrize("workspace", [REPOSITORY, FOREIGN], ids=lambda path: path.name)
def test_before_anything_is_released_nothing_must_be_mended(tmp_path: Path, workspace: Path) -> None:
    """On any later day: what is late is told, and keeps nothing from being published."""
    found = check(workspace, tmp_path, "2026-11-30", released=False)
    rules = {issue.fault.rule for issue in found.issues}
    assert {issue.fault.severity for issue in found.issues} == {"should"}
    assert {"stale", "unopened"} <= rules <= {"stale", "unopened", "theme-unmapped", "period-missing"}
    assert not (tmp_path / "home").exists()
