"""Two publishers at one portal, or one with an older ledger: one works, the other is told, and nothing goes back."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.home import Home, locked
from tests.ckan_office import CkanOffice, make_ckan_office, writes
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.proxy_faults import Interrupt
from tests.publisher_processes import PublisherProcess, PublisherProcesses
from tests.workspace_factory import PORTS, Answer, PortOffice

_SECONDS = 300
_LOCKED = 75
pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("at_portal")]


@pytest.fixture(params=["plugin", "stock"])
def office(request: pytest.FixtureRequest, ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """An office that published its first release, by each way."""
    office = make_ckan_office(tmp_path / "first", ckan, proxy, request.param)
    office.run("publish")
    return office


@pytest.fixture
def single(ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """The same by whichever way the portal allows: for what is the same by either."""
    office = make_ckan_office(tmp_path / "first", ckan, proxy, "auto")
    office.run("publish")
    return office


def _copy(office: CkanOffice, place: Path) -> CkanOffice:
    """A second machine with a copy of the office, its home included."""
    shutil.copytree(office.office.root.parent, place, symlinks=True)
    entries, schemas = dict(office.office.entries), dict(office.office.schemas)
    return replace(office, office=PortOffice(place / "workspace", place / "home", entries, schemas))


@contextmanager
def _machine(office: CkanOffice) -> Iterator[Callable[..., Answer]]:
    """Another machine that can run commands on an office while this one is in the middle of a run."""
    places = ("--workspace", str(office.office.root), "--home", str(office.office.home), "--json")
    with PublisherProcesses({}, places) as publishers:

        def run(*words: str) -> Answer:
            process = publishers.start(*words)
            out, err = process.communicate(_SECONDS)
            return Answer(process.returncode, out, err)

        yield run


def _names(office: CkanOffice) -> list[object]:
    return sorted(str(row["name"]) for row in office.rows("ports"))


def _datasets(office: CkanOffice) -> list[str]:
    found = office.portal.call("package_search", "administrator", fq=f"name:{office.prefix}*", include_private=True)
    return sorted(str(one["name"]).removeprefix(office.prefix) for one in found["results"])


def _whole(office: CkanOffice, release: str, name: str, number: int = 7) -> None:
    """Readers find one release, once: page, files, rows, and no second dataset."""
    page = office.show("ports")
    assert (page["version"], len(page["resources"])) == (release, number)
    assert {one["release"] for one in page["resources"]} == {release}
    assert name in _names(office) and name in office.download(office.resources("ports")["csv"]).content.decode()
    assert _datasets(office) == ["ports", "ports-releases"] or _datasets(office) == [
        "ports",
        "ports-releases",
        "ports-staging",
    ]


def test_in_one_home_the_second_is_told_who_works(single: CkanOffice) -> None:
    before = len(single.proxy.sent)
    with locked(Home(single.office.home)):
        answer = single.office.run("publish")
    assert (answer.code, writes(single.proxy.sent[before:])) == (_LOCKED, [])
    assert str(os.getpid()) in answer.err


def test_of_two_homes_one_switches_and_the_other_is_told(office: CkanOffice, tmp_path: Path) -> None:
    """The second publishes its release 2 while the first is about to switch to its own."""
    other = _copy(office, tmp_path / "second")
    office.add_port("甲港")
    other.add_port("乙港")
    answers: list[Answer] = []
    switch = "release_switch" if office.way == "plugin" else "package_revise"
    with _machine(other) as run:
        rule = office.proxy.on(
            Interrupt(before=lambda: answers.append(run("publish"))),
            switch,
            where=lambda sent: b"publication_digest" in sent.body,
        )
        first = office.office.run("publish")
    assert (rule.fired, answers[0].code) == (1, 0)
    assert (first.code, first.verdicts["ports"]) == (1, "failed")
    assert "no longer as it was read" in first.datasets["ports"]["reason"]
    _whole(office, "2", "乙港")
    again = office.office.run("publish")
    assert (again.code, again.verdicts["ports"]) == (1, "failed")
    assert "another ledger" in again.datasets["ports"]["reason"]
    _whole(office, "2", "乙港")
    assert other.run("verify")


def test_one_that_planned_before_the_other_published_writes_nothing(single: CkanOffice, tmp_path: Path) -> None:
    other = _copy(single, tmp_path / "second")
    single.add_port("甲港")
    other.add_port("乙港")
    answers: list[Answer] = []
    # The first reading of the dataset is the plan's; the next is before anything is brought to the portal.
    reads = lambda sent: sent.action == "package_show" and b'ports"' in sent.body  # noqa: E731
    before = len(single.proxy.sent)
    with _machine(other) as run:
        single.proxy.on(Interrupt(after=lambda: answers.append(run("publish"))), where=reads)
        first = single.office.run("publish")
    assert (answers[0].code, first.code, first.verdicts["ports"]) == (0, 1, "failed")
    assert "another publisher" in first.datasets["ports"]["reason"]
    sent = single.proxy.sent[before:]
    assert sum("publication_digest" in str(one.body) for one in sent if one.writes) >= 1  # the other's
    _whole(single, "2", "乙港")


def test_two_first_publications_make_one_dataset(ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> None:
    office = make_ckan_office(tmp_path / "first", ckan, proxy, "auto")
    other = _copy(office, tmp_path / "second")
    office.office.ports(PORTS[:2])
    answers: list[Answer] = []
    with _machine(other) as run:
        proxy.on(Interrupt(before=lambda: answers.append(run("publish"))), "package_create")
        first = office.office.run("publish")
    assert (answers[0].code, first.code, first.verdicts["ports"]) == (0, 1, "failed")
    _whole(office, "1", "西港")
    assert office.office.run("publish").verdicts["ports"] == "failed"
    _whole(office, "1", "西港")


def test_a_frozen_publisher_wakes_to_a_later_release_and_writes_nothing(single: CkanOffice, tmp_path: Path) -> None:
    """It stands still just before its switch; another takes over with a copy of its home and publishes two releases."""
    other = _copy(single, tmp_path / "second")
    single.add_port("冻港")
    places = ("--workspace", str(single.office.root), "--home", str(single.office.home), "--json")
    taken: list[Answer] = []
    frozen: list[PublisherProcess] = []

    def take_over() -> None:
        frozen[0].send_signal(signal.SIGSTOP)
        for name in ("乙港", "丙港"):
            other.add_port(name)
            taken.append(run("publish"))
        frozen[0].send_signal(signal.SIGCONT)

    with PublisherProcesses({}, places) as publishers, _machine(other) as run:
        rule = single.proxy.on(
            Interrupt(before=take_over), "release_switch", where=lambda sent: b"publication_digest" in sent.body
        )
        frozen.append(publishers.start("publish"))
        out, err = frozen[0].communicate(_SECONDS)
        answer = Answer(frozen[0].returncode, out, err)
    assert (rule.fired, [one.code for one in taken]) == (1, [0, 0])
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    _whole(single, "3", "丙港")
    assert "冻港" not in _names(single)
    assert other.run("verify")


@pytest.mark.parametrize("lost", ["older", "wholly"])
def test_an_older_home_takes_nobody_back(single: CkanOffice, tmp_path: Path, lost: str) -> None:
    """The home is put back from a backup, or is gone: its ledger, its releases, and its static portal."""
    shutil.copytree(single.office.home, tmp_path / "backup", symlinks=True)
    single.add_port()
    single.run("publish")
    shutil.rmtree(single.office.home)
    if lost == "older":
        shutil.copytree(tmp_path / "backup", single.office.home, symlinks=True)
    for words in (("publish",), ("publish", "ports"), ("rollback", "ports")):
        before = len(single.proxy.sent)
        answer = single.office.run(*words)
        assert answer.code != 0
        assert "ckan shows release 2" in answer.out + answer.err
        assert writes(single.proxy.sent[before:]) == []
    _whole(single, "2", "北港")


def test_an_older_home_never_shows_again_what_was_withdrawn_twice(single: CkanOffice, tmp_path: Path) -> None:
    """The backup knows of one withdrawal, and not of the one after it."""
    single.run("withdraw", "ports", "--reason", "误报")
    single.run("rollback", "ports")
    shutil.copytree(single.office.home, tmp_path / "backup", symlinks=True)
    single.run("withdraw", "ports", "--reason", "含有个人信息")
    shutil.rmtree(single.office.home)
    shutil.copytree(tmp_path / "backup", single.office.home, symlinks=True)
    for words in (("publish",), ("rollback", "ports")):
        answer = single.office.run(*words)
        assert answer.code != 0
        assert "was withdrawn" in answer.out + answer.err
    assert single.show("ports")["resources"] == []


def test_what_is_shown_can_be_recalled_though_the_home_is_lost(single: CkanOffice) -> None:
    """The officer's word: withdrawn, put back, and published anew under the number after all that readers saw."""
    single.add_port()
    single.run("publish")
    shutil.rmtree(single.office.home)
    files = [one["url"] for one in single.show("ports-releases")["resources"]]
    single.run("withdraw", "ports", "--reason", "误报")
    assert (single.show("ports")["resources"], single.show("ports-releases")["resources"]) == ([], [])
    assert {single.status(url.partition(single.portal.url)[2]) for url in files} == {404}
    assert single.office.run("publish").verdicts["ports"] == "held"
    single.run("rollback", "ports")
    assert single.run("publish").datasets["ports"]["release"] == 3
    _whole(single, "3", "北港")
