"""Our CKAN plugin's switch on a real CKAN: readers see one release or the next, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from tests.plugin_portal import Answer, Dataset, PluginPortal, plugin_on, wait_for
from tests.portal_factory import Portal

READERS = 8
RELEASES = 12
#: In the metadata's database, at commit: an error, or a wait until the test gives a lock free.
TRAP = """
CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.title LIKE '%失败%' THEN RAISE EXCEPTION 'a trap'; END IF;
    IF NEW.title LIKE '%等待%' THEN PERFORM pg_advisory_xact_lock(4711); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER trap AFTER UPDATE ON package DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION trap();
"""


@pytest.fixture(scope="module", params=[True, False], ids=["two-phase", "one-phase"])
def plugin(request: pytest.FixtureRequest, portal: Portal) -> Iterator[PluginPortal]:
    with plugin_on(portal, two_phase=request.param) as running:
        running.sql("ckan", TRAP)
        yield running
        running.sql("ckan", "DROP FUNCTION trap CASCADE")


@pytest.fixture
def dataset(plugin: PluginPortal) -> Dataset:
    """A dataset at its first release, on a portal whose servers all run, whatever an earlier test ended."""
    plugin.portal.control("start", "postgres", "redis", "solr", "ckan")
    made = plugin.make_dataset()
    made.publish(1)
    return made


@contextmanager
def in_background(dataset: Dataset, twin: str, title: str) -> Iterator[Future[Answer]]:
    """A switch that goes on beside the test; it may lose its connection when CKAN dies."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(dataset.switch, twin, title)


@contextmanager
def long_read(dataset: Dataset) -> Iterator[None]:
    """Somebody reads the table and does not end."""
    with dataset.portal.connected("datastore") as reader:
        reader.execute(f'SELECT * FROM "{dataset.resource_id}"'.encode())
        yield


@contextmanager
def held_commit(plugin: PluginPortal) -> Iterator[psycopg.Connection[Any]]:
    """The commit of titles with 等待 waits for this connection's end."""
    with plugin.connected("ckan") as holder:
        holder.execute("SELECT pg_advisory_xact_lock(4711)")
        yield holder


def waiting_for_locks(plugin: PluginPortal, database: str, kind: str) -> list[int]:
    """Server processes that wait for a lock of a kind: relation or advisory."""
    found = plugin.sql(
        database,
        f"SELECT pid FROM pg_locks WHERE NOT granted AND locktype = '{kind}' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    return [pid for (pid,) in found]


@dataclass
class Reader:
    """Reads metadata, rows, metadata until it is told to end, and keeps what can't be."""

    dataset: Dataset
    end: threading.Event
    reads: int = 0
    wrong: list[object] = field(default_factory=list)

    def run(self) -> None:
        form = {"account": None, "resource_id": self.dataset.resource_id, "limit": 1000}
        call = self.dataset.portal.call
        while not self.end.is_set():
            before = call("package_show", account=None, id=self.dataset.id)
            table = call("datastore_search", **form)
            count = call("datastore_search_sql", account=None, sql=self._counts())
            after = call("package_show", account=None, id=self.dataset.id)
            self.reads += 4
            self.judge([before, table, count, after])

    def _counts(self) -> str:
        return f'SELECT "数量" AS release, count(*) AS rows FROM "{self.dataset.resource_id}" GROUP BY 1'

    def judge(self, answers: list[Answer]) -> None:
        if any(answer.status != 200 for answer in answers):
            self.wrong.append([answer for answer in answers if answer.status != 200])
            return
        before, table, counts, after = (answer.body for answer in answers)
        first, last = (int(shown["title"][1:-1]) for shown in (before, after))
        of_table = {record["数量"] for record in table["records"]}
        of_count = {line["release"] for line in counts["records"]}
        (rows,) = [line["rows"] for line in counts["records"]] if len(of_count) == 1 else (None,)
        whole = len(of_table) == 1 and table["total"] == len(table["records"]) == 10 + max(of_table)
        in_order = whole and rows is not None and first <= max(of_table) <= max(of_count) <= last
        if not (in_order and rows == 10 + max(of_count)):
            self.wrong.append((first, of_table, table["total"], counts["records"], last))


def test_eight_readers_see_whole_releases_only(plugin: PluginPortal) -> None:
    dataset = plugin.make_dataset()
    dataset.publish(1, rows=11)
    end = threading.Event()
    readers = [Reader(dataset, end) for _ in range(READERS)]
    with ThreadPoolExecutor(READERS) as pool:
        running = [pool.submit(reader.run) for reader in readers]
        try:
            for release in range(2, RELEASES + 1):
                dataset.publish(release, rows=10 + release)
            wait_for(lambda: sum(reader.reads for reader in readers) >= 200, "200 reads")
        finally:
            end.set()
        for one in running:
            one.result()
    assert [wrong for reader in readers for wrong in reader.wrong] == []
    assert dataset.state() == (f"第{RELEASES}版", {RELEASES})


@pytest.mark.parametrize("search", ["up", "down"])
def test_a_reader_across_a_commit_gets_one_state(dataset: Dataset, search: str) -> None:
    """CKAN reads the dataset's fields, then its resources: here they wait for somebody who changes both."""
    plugin = dataset.portal
    if search == "down":
        plugin.portal.control("kill", "solr")
    else:  # CKAN then trusts its search no more, and asks the database
        plugin.sql("ckan", f"UPDATE package SET metadata_modified = now() WHERE id = '{dataset.id}'")
    with ThreadPoolExecutor(1) as pool, plugin.connected("ckan") as changing:
        changing.execute("LOCK TABLE resource IN ACCESS EXCLUSIVE MODE")
        reading = pool.submit(plugin.call, "package_show", account=None, id=dataset.id)
        wait_for(lambda: bool(waiting_for_locks(plugin, "ckan", "relation")), "a reader of the resources")
        of_package = "SET title = '第2版', metadata_modified = now() + interval '1 minute' WHERE id"
        changing.execute(f"UPDATE package {of_package} = '{dataset.id}'".encode())
        changing.execute(f"UPDATE resource SET name = '二' WHERE package_id = '{dataset.id}'".encode())
        changing.commit()
        shown = reading.result().done()
    plugin.portal.control("start", "solr")
    assert (shown["title"], [one["name"] for one in shown["resources"]]) == ("第2版", ["二"])


def test_a_stale_match_switches_nothing(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    stale = dataset.portal.call("package_show", id=dataset.id).done()["metadata_modified"]
    dataset.portal.call("package_patch", id=dataset.id, notes="another's edit").done()
    assert dataset.switch(twin, "第2版", metadata_modified=stale).status == 409
    assert dataset.state() == ("第1版", {1})
    fresh = dataset.portal.call("package_show", id=dataset.id).done()["metadata_modified"]
    dataset.switch(twin, "第2版", metadata_modified=fresh).done()
    assert dataset.state() == ("第2版", {2})


def test_the_search_knows_the_new_release(dataset: Dataset) -> None:
    dataset.publish(2)
    found = dataset.portal.call("package_search", account=None, q=f"name:{dataset.name}").done()
    assert [package["title"] for package in found["results"]] == ["第2版"]


def test_a_search_that_is_down_learns_of_the_release_later(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    dataset.portal.portal.control("kill", "solr")
    assert dataset.switch(twin, "第2版").done()["indexed"] is False
    assert dataset.state() == ("第2版", {2})
    dataset.portal.portal.control("start", "solr")
    dataset.portal.call("release_capabilities").done()
    found = dataset.portal.call("package_search", account=None, q=f"name:{dataset.name}").done()
    assert [package["title"] for package in found["results"]] == ["第2版"]


def test_metadata_alone_can_be_switched(dataset: Dataset) -> None:
    revise = {"match": {"id": dataset.id}, "update": {"title": "改名"}}
    dataset.portal.call("release_switch", revise=revise).done()
    assert dataset.state() == ("改名", {1})


def test_readers_are_answered_while_a_switch_waits_for_a_long_read(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    with in_background(dataset, twin, "第2版") as switch:
        with long_read(dataset):
            wait_for(lambda: bool(waiting_for_locks(dataset.portal, "datastore", "relation")), "a try for the lock")
            # These queue behind the switch's try, and are answered since the try ends by itself.
            assert dataset.state() == ("第1版", {1})
        assert switch.result().done()["tries"] > 1
    assert dataset.state() == ("第2版", {2})


def test_a_read_without_end_stops_the_switch_and_nothing_else(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    with long_read(dataset):
        refused = dataset.switch(twin, "第2版")
        assert refused.status == 409
        assert refused.body["tables"]
        assert dataset.state() == ("第1版", {1})
    dataset.switch(twin, "第2版").done()
    assert dataset.state() == ("第2版", {2})


def test_a_commit_that_fails_leaves_the_old_release(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    assert dataset.switch(twin, "失败").status == 500
    assert dataset.state() == ("第1版", {1})
    assert no_transaction_is_left(dataset.portal)
    dataset.switch(twin, "第2版").done()
    assert dataset.state() == ("第2版", {2})


def no_transaction_is_left(plugin: PluginPortal) -> bool:
    return not plugin.sql("datastore", "SELECT gid FROM pg_prepared_xacts")


def test_a_dead_postgresql_in_a_switch_leaves_the_old_release(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    with in_background(dataset, twin, "第2版等待") as switch:
        with pytest.raises(psycopg.OperationalError), held_commit(dataset.portal) as holder:
            wait_for(lambda: bool(waiting_for_locks(dataset.portal, "ckan", "advisory")), "the held commit")
            dataset.portal.portal.control("kill", "postgres")
            holder.execute("SELECT 1")
        assert switch.result().status == 500
    dataset.portal.portal.control("start", "postgres")
    dataset.portal.call("release_capabilities").done()  # recovery is every action's first step
    assert dataset.state() == ("第1版", {1})
    assert no_transaction_is_left(dataset.portal)


def test_ckan_killed_in_a_load_leaves_what_is_there_and_nothing_that_the_next_does_not_drop(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    before = dataset.portal.waiting_tables()
    twins = [name for name in before if name.startswith("twin_")]
    with ThreadPoolExecutor(1) as pool, dataset.portal.connected("datastore") as holder:
        for name in twins:
            holder.execute(f'SELECT * FROM ckanext_release."{name}"'.encode())
        load = pool.submit(dataset.load_release, 3)
        wait_for(lambda: bool(waiting_for_locks(dataset.portal, "datastore", "relation")), "the load")
        dataset.portal.portal.control("kill", "ckan")
        assert load.exception() is not None
    dataset.portal.portal.control("start", "ckan")
    assert dataset.state() == ("第1版", {1})
    assert set(before) <= set(dataset.portal.waiting_tables())
    dataset.publish(4)
    assert dataset.state() == ("第4版", {4})
    assert set(dataset.portal.waiting_tables()) == set(before) - {f"twin_{twin}"}


def test_ckan_killed_before_the_decision_leaves_the_old_release(dataset: Dataset) -> None:
    twin = dataset.load_release(2)
    with in_background(dataset, twin, "第2版") as switch, long_read(dataset):
        wait_for(lambda: bool(waiting_for_locks(dataset.portal, "datastore", "relation")), "a try for the lock")
        dataset.portal.portal.control("kill", "ckan")
        assert switch.exception() is not None
    dataset.portal.portal.control("start", "ckan")
    assert dataset.state() == ("第1版", {1})
    wait_for(lambda: dataset.switch(twin, "第2版").status == 200, "the end of the killed one's transactions")
    assert dataset.state() == ("第2版", {2})


@pytest.mark.parametrize("decided", [True, False], ids=["decided", "undone"])
def test_ckan_killed_between_the_commits_follows_the_metadata(dataset: Dataset, decided: bool) -> None:
    twin = dataset.load_release(2)
    with in_background(dataset, twin, "第2版等待") as switch, held_commit(dataset.portal):
        wait_for(lambda: bool(waiting_for_locks(dataset.portal, "ckan", "advisory")), "the held commit")
        dataset.portal.portal.control("kill", "ckan")
        assert switch.exception() is not None
        if not decided:
            (pid,) = waiting_for_locks(dataset.portal, "ckan", "advisory")
            dataset.portal.sql("ckan", f"SELECT pg_terminate_backend({pid})")
    # What a killed CKAN leaves is put right before the next one answers anybody.
    title = "第2版等待" if decided else "第1版"
    statement = f"SELECT title FROM package WHERE id = '{dataset.id}'"
    wait_for(lambda: dataset.portal.sql("ckan", statement) == [(title,)], "the end of the metadata's commit")
    dataset.portal.portal.control("start", "ckan")
    assert dataset.state() == (title, {2 if decided else 1})
    assert no_transaction_is_left(dataset.portal)
    found = dataset.portal.call("package_search", account=None, q=f"name:{dataset.name}").done()
    assert [package["title"] for package in found["results"]] == [title]
