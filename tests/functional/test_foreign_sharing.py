"""Another agency shares, too: its own words of sharing, its own weekdays, its own rule by which needs are decided."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sharing_office import add_bureaus, query, submitted
from tests.workspace_factory import PortOffice

LIBRARY = Path(__file__).parents[2] / "tests/workspaces/library-board"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """The library board's workspace, two days before a Chinese holiday that it doesn't have."""
    monkeypatch.setenv("OPENDATA_TODAY", "2026-09-30")
    shutil.copytree(LIBRARY, tmp_path / "workspace")
    board = PortOffice(tmp_path / "workspace", tmp_path / "home")
    add_bureaus(board, "skole")
    return board


def test_a_need_is_taken_in_and_decided_by_its_own_words(library: PortOffice) -> None:
    survey = {"需求部门": "skole", "信息资源": "reader-survey", "信息项": ""}
    (need,) = submitted(library, survey)

    (line,) = library.run("need list").document["needs"]
    assert (line["due"], line["provisional"]) == ("2026-10-14", False)  # ten weekdays
    assert library.run("need decide", need, "--grant", "--by", "Kari").code == 0
    assert query(library.home, "SELECT id, bureau FROM access WHERE need = 'need-1'") == [("grant-1", "skole")]


def test_what_is_withheld_is_not_offered_and_only_refused(library: PortOffice) -> None:
    (need,) = submitted(library, {"需求部门": "skole", "信息资源": "patron-register", "信息项": ""})

    answer = library.run("need decide", need, "--grant", "--by", "Kari")

    assert answer.code == 4
    assert "withheld: Personopplysninger." in answer.err
    offers = query(library.home, "SELECT dataset, sharing FROM offer ORDER BY dataset")
    assert offers == [("branches", "unconditional"), ("loans", "unconditional"), ("reader-survey", "conditional")]
    assert query(library.home, "SELECT name, share, schema FROM agency") == [
        ("Fjordvik bibliotekstyre", "fjordvik-library-board", "resources")
    ]


def test_what_is_unconditional_is_granted_by_rule(library: PortOffice) -> None:
    submitted(library, {"需求部门": "skole", "信息资源": "branches", "信息项": ""})

    assert query(library.home, "SELECT state, reason FROM need") == [("granted", "unconditional")]
