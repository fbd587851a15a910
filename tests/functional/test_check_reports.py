"""The files that a check writes: where it is told and nowhere else, whole, the same each time, with the trend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.workspace_factory import PORTS, PortOffice, contents, snapshot

BAD = (*PORTS, ("9", "", "x", "", ""))


def words(folder: Path) -> list[str]:
    files = {"--report": folder / "page.html", "--junit": folder / "junit.xml", "--workbook": folder / "workbooks"}
    return [str(word) for pair in files.items() for word in pair]


def trends(page: str) -> list[str]:
    """What the charts of scores over time say."""
    return re.findall(r"<title>([^<]*(?:mean score|release \d)[^<]*)</title>", page)


def test_a_check_writes_where_it_is_told_and_the_same_each_time(published: PortOffice, tmp_path: Path) -> None:
    published.ports(BAD)
    before = snapshot(published.root), snapshot(published.home)
    answer = published.run("check", *words(tmp_path / "a"))
    assert (snapshot(published.root), snapshot(published.home)) == before
    assert published.run("check", *words(tmp_path / "b")).document["datasets"] == answer.document["datasets"]
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert set(contents(tmp_path / "a")) == {"page.html", "junit.xml", "workbooks/观测处.xlsx"}


def test_json_is_as_it_was_where_nothing_is_asked_for(office: PortOffice) -> None:
    assert set(office.run("check", "ports").document) == {"datasets", "sections", "agency"}


def test_the_trend_is_of_the_releases_that_the_home_still_has(published: PortOffice, tmp_path: Path) -> None:
    published.ports((*PORTS, ("011", "北港", "2001-01-01", "", "")))
    assert published.run("publish", "ports").code == 0
    published.ports(BAD)
    page = tmp_path / "page.html"
    published.run("check", "ports", "--report", str(page))
    mean, own = trends(page.read_text("utf-8"))
    assert "2026-11-24 100" in mean
    assert re.findall(r"release (\d+): ([0-9.]+)", own) == [("1", "100"), ("2", "100")] and "now: " in own
    shutil.rmtree(published.release("ports", 1))
    assert published.run("check", "ports", "--report", str(page)).code == 1
    assert re.findall(r"release (\d+): ", trends(page.read_text("utf-8"))[1]) == ["2"]


@pytest.mark.parametrize("option", ["--report", "--junit"])
def test_a_folder_is_no_file(office: PortOffice, tmp_path: Path, option: str) -> None:
    answer = office.run("check", option, str(tmp_path))
    assert answer.code == 2 and f"{tmp_path}:" in answer.err


def test_a_file_is_no_folder_and_a_day_must_be_one(office: PortOffice, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", "utf-8")
    assert office.run("check", "--workbook", str(tmp_path / "file")).code == 2
    assert office.run("check", "--workbook", str(tmp_path / "w"), "--due", "tomorrow").code == 2
    assert (tmp_path / "file").read_text("utf-8") == "kept" and not (tmp_path / "w").exists()


def test_a_disk_that_refuses_is_named(office: PortOffice, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    answer = office.run("check", "ports", "--report", str(tmp_path / "file" / "page.html"))
    assert answer.code == 3 and "page.html" in answer.err
