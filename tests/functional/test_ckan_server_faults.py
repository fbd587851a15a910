"""The portal's servers die or hang while it is published to: readers keep one release, and a rerun brings the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import ckanapi
import pytest
import requests

import pipelines.commands.run
from pipelines.targets.ckan.deadlines import Deadlines
from tests.ckan_office import CkanOffice
from tests.dying_portal import (
    PublishFirst,
    assert_converged,
    files_without_a_resource,
    held,
    is_switch,
    is_upload,
    read_meanwhile,
    sight,
    trap,
    wait_for_a_lock,
)
from tests.fault_proxy import Sent
from tests.proxy_faults import Interrupt
from tests.reader_report import Example

pytestmark = pytest.mark.faults

Phase = Callable[[Sent], bool]


def is_load(sent: Sent) -> bool:
    """Whether a call brings rows, by either way."""
    return sent.action in {"release_load", "datastore_upsert"}


@pytest.fixture
def quick_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal is given two seconds for an answer."""
    target = partial(pipelines.commands.run.CkanPortal, deadlines=Deadlines(read=2.0))
    monkeypatch.setattr(pipelines.commands.run, "CkanPortal", target)


def restart(office: CkanOffice, *servers: str) -> Callable[[], None]:
    """What kills servers and starts them again."""

    def act() -> None:
        office.portal.control("kill", *servers)
        office.portal.control("start", *servers)

    return act


@pytest.mark.parametrize(("way", "phase"), [("plugin", is_upload), ("plugin", is_switch), ("stock", is_switch)])
def test_solr_dies(publish_first: PublishFirst, way: str, phase: Phase) -> None:
    office = publish_first(way)
    office.proxy.on(Interrupt(before=lambda: office.portal.control("kill", "solr")), where=phase)
    with read_meanwhile(office) as readings:
        answer = office.office.run("publish")
    assert readings.torn == []
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    # Our plugin shows a release whole and tells the search later; what failed is the proof.
    assert office.show("ports")["version"] == ("2" if (way, phase) == ("plugin", is_switch) else "1")
    office.portal.control("start", "solr")
    office.run("publish")
    assert_converged(office)


@pytest.mark.parametrize(("way", "first"), [("plugin", "release_drop"), ("stock", "datastore_delete")])
def test_solr_dies_in_a_withdrawal(publish_first: PublishFirst, way: str, first: str) -> None:
    office = publish_first(way)
    table = office.resources("ports")["csv"]["id"]
    files = [one["url"] for one in office.show("ports-releases")["resources"]]
    office.proxy.on(Interrupt(before=lambda: office.portal.control("kill", "solr")), first)
    assert office.office.run("withdraw", "ports", "--reason", "误报").code == 3
    with pytest.raises(ckanapi.NotFound):  # rows go first, whatever the search does
        office.portal.call("datastore_search", resource_id=table)
    office.portal.control("start", "solr")
    office.run("withdraw", "ports", "--reason", "误报")
    assert office.show("ports")["resources"] == []
    assert {requests.get(url, timeout=60, allow_redirects=False).status_code for url in files} == {404}
    assert office.office.run("verify", "ports").code == 0


def _falls_across_the_commit(torn: Example) -> bool:
    """Whether a reader got the page's old fields with its new resources, which CKAN gives without our plugin.

    It answers from its search where that is as new as the database, else from the database by several statements; and
    it tells its search before it commits.
    """
    return torn.kind == "show" and torn.why.startswith("release 1 lists ") and " of release 2 " in torn.why


@pytest.mark.usefixtures("quick_deadlines")
@pytest.mark.parametrize("way", ["plugin", "stock"])
def test_solr_hangs_and_the_answer_comes_too_late(publish_first: PublishFirst, way: str) -> None:
    office = publish_first(way)
    hung = office.proxy.on(Interrupt(before=lambda: office.portal.control("pause", "solr")), where=is_switch)
    # Once the time is over, the publisher looks whether it was done all the same.
    resumed = Interrupt(before=lambda: office.portal.control("resume", "solr"))
    office.proxy.on(resumed, where=lambda sent: bool(hung.fired) and not is_switch(sent))
    with read_meanwhile(office, kinds=("file", "address")) as readings:
        answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (0, "published")
    assert [one for one in readings.torn if not (way == "stock" and _falls_across_the_commit(one))] == []
    assert_converged(office)


@pytest.mark.parametrize(
    ("way", "phase"),
    [("stock", is_upload), ("plugin", is_load), ("plugin", is_switch), ("stock", is_load)],
)
def test_postgresql_dies_and_comes_back(publish_first: PublishFirst, way: str, phase: Phase) -> None:
    office = publish_first(way)
    rule = office.proxy.on(Interrupt(before=restart(office, "postgres")), where=phase)
    kinds = ("file", "address", "table") if way == "plugin" else ("file", "address")
    with read_meanwhile(office, kinds) as readings:
        answer = office.office.run("publish")
    assert rule.fired == 1
    assert readings.torn == []
    assert (answer.code, answer.verdicts["ports"]) == (0, "published"), answer.err
    assert_converged(office)


@pytest.mark.usefixtures("quick_deadlines")
def test_a_dataset_that_somebody_keeps_locked_is_waited_for(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    lock = f"SELECT 1 FROM package WHERE name = '{office.prefix}ports' FOR UPDATE"
    with held(office, "ckan", lock) as let_go:
        office.proxy.on(Interrupt(before=let_go), nth=2, where=is_switch)
        with read_meanwhile(office, kinds=("file", "address")) as readings:
            answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (0, "published"), answer.err
    assert readings.torn == []
    assert_converged(office)


def test_without_redis_and_worker_all_is_published_and_counted(publish_first: PublishFirst) -> None:
    office = publish_first("stock")
    office.portal.control("kill", "worker", "redis")
    assert office.run("publish").verdicts["ports"] == "published"
    table = office.resources("ports")["csv"]["id"]
    assert office.portal.call("datastore_search", resource_id=table)["total"] == 4
    office.portal.control("start", "redis", "worker")
    assert_converged(office)


@contextmanager
def killed_once_it_waits(office: CkanOffice, database: str, lock: str) -> Iterator[None]:
    """CKAN is killed as soon as somebody there waits for a lock that is held; what it began is undone."""
    with held(office, database, lock), ThreadPoolExecutor(1) as beside:

        def kill() -> None:
            waiting = wait_for_a_lock(office, database)
            office.portal.control("kill", "ckan")
            for process in waiting:
                office.portal.sql(database, f"SELECT pg_terminate_backend({process})")

        killed = beside.submit(kill)
        yield
        killed.result()


def test_ckan_is_killed_in_an_upload(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    before = files_without_a_resource(office)
    lock = "SELECT pg_advisory_xact_lock(4711)"
    listed = "EXISTS (SELECT 1 FROM resource WHERE package_id = NEW.id)"
    uploaded = f"NEW.name = '{office.prefix}ports-staging' AND {listed}"
    with trap(office, uploaded, lock.replace("SELECT", "PERFORM")) as open_it:
        with killed_once_it_waits(office, "ckan", lock):
            answer = office.office.run("publish")
        open_it()
    assert answer.code == 1
    office.portal.control("start", "ckan")
    assert (sight(office).release, sight(office).torn) == (1, [])
    # The bytes of what was never committed stay on the portal's disk, by a name that nobody knows; CKAN never looks.
    left = [path for path in files_without_a_resource(office) if path not in before]
    assert len(left) == len(office.resources("ports"))
    office.run("publish")
    assert_converged(office)


def test_ckan_is_killed_in_a_batch_of_rows(publish_first: PublishFirst) -> None:
    office = publish_first("stock")
    table = office.resources("ports")["csv"]["id"]
    with killed_once_it_waits(office, "datastore", f'LOCK TABLE "{table}" IN SHARE MODE'):
        answer = office.office.run("publish")
    assert answer.code == 1
    office.portal.control("start", "ckan")
    office.run("publish")
    assert_converged(office)


@pytest.mark.parametrize("way", ["plugin", "stock"])
def test_ckan_is_killed_after_the_commit(publish_first: PublishFirst, way: str) -> None:
    office = publish_first(way)
    office.proxy.on(Interrupt(after=restart(office, "ckan")), where=is_switch)
    assert office.run("publish").verdicts["ports"] == "published"
    assert_converged(office)
