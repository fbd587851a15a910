"""A command of sharing that is killed at any step: the server goes by the state before or after, a rerun completes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sharing_office import add_bureaus, granted, make_conditional
from tests.workspace_factory import PortOffice

ROOT = Path(__file__).parents[2]


def killed_everywhere(folder: Path, *words: str) -> list[dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.killed_sharing", str(folder), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outcomes: list[dict[str, Any]] = json.loads(run.stdout)
    *killed, whole = outcomes
    assert len(killed) > 5
    assert all(one["ended"] == "killed" for one in killed)
    assert whole["ended"] == 0
    return outcomes


@pytest.fixture
def sharing(office: PortOffice) -> PortOffice:
    """An office with a bureau that has a grant."""
    make_conditional(office)
    add_bureaus(office, "water")
    granted(office)
    return office


def test_a_bureau_is_added_with_a_profile_that_works(sharing: PortOffice, tmp_path: Path) -> None:
    """Wherever the first run was killed, after the second one the profile's token is the bureau's good one."""
    for outcome in killed_everywhere(tmp_path, "bureau", "add", "fire", "--title", "消防局"):
        assert outcome["code"] in (0, 2), outcome  # 2: it was registered already
        assert outcome["after"]["bureaus"] == ["fire", "water"], outcome
        assert sorted(outcome["profiles"]) == ["fire.share", "water.share"], outcome
        assert sorted(outcome["profiles"].values()) == outcome["after"]["tokens"], outcome
        assert outcome["seen"]["bureaus"] in (["water"], ["fire", "water"]), outcome
        assert outcome["seen"]["access"] == outcome["before"]["access"], outcome


def test_a_rotation_leaves_a_profile_that_works(sharing: PortOffice, tmp_path: Path) -> None:
    for outcome in killed_everywhere(tmp_path, "bureau", "rotate", "water", "--now"):
        assert outcome["code"] == 0, outcome
        assert outcome["profiles"] == {"water.share": outcome["after"]["tokens"][0]}, outcome
        assert len(outcome["after"]["tokens"]) == 1, outcome
        assert len(outcome["seen"]["tokens"]) == 1, outcome


def test_a_removal_and_a_revocation_hold_after_a_rerun(sharing: PortOffice, tmp_path: Path) -> None:
    for outcome in killed_everywhere(tmp_path, "grant", "revoke", "grant-1", "--reason", "违规"):
        assert outcome["code"] in (0, 2), outcome  # 2: it was over already, and the server knows it now
        assert outcome["after"]["access"] == [], outcome
        assert outcome["seen"]["access"] in ([], ["grant-1"]), outcome
        assert outcome["after"]["tokens"] == outcome["before"]["tokens"], outcome
