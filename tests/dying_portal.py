"""A portal whose servers die while it is published to: who reads it meanwhile, and what must hold in the end."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.ckan_office import CkanOffice, writes
from tests.fault_proxy import FaultProxy, Sent
from tests.known_releases import KnownReleases, known_release
from tests.oracle_reader import KINDS, OracleReader
from tests.plugin_portal import PluginPortal, wait_for
from tests.portal_factory import Portal
from tests.portal_sight import Seen, look
from tests.reader_report import Example, Report
from tests.release_verdicts import Verdict
from tests.workspace_factory import NEVER_CANARY, PORTS, SHARED_CANARY, make_port_office

#: What no fault excuses: a reader is given one release, whole, or a clear error.
TORN = frozenset({Verdict.MIXED, Verdict.EMPTY})
NAMES = {1: ["东港", "南港", "西港"], 2: ["东港", "北港", "南港", "新西港"]}
_SERVERS = ("postgres", "redis", "solr", "ckan", "worker")
_BETWEEN_ROUNDS = 0.2
_numbers = itertools.count()

PublishFirst = Callable[[str], CkanOffice]


@pytest.fixture
def publish_first(ckan: Portal, proxy: FaultProxy, tmp_path: Path, at_portal: None) -> Iterator[PublishFirst]:
    """Gives an office whose release 1 is published by a way, and whose source has moved on since.

    After the test every server is up again.
    """

    def publish(way: str) -> CkanOffice:
        office = make_port_office(tmp_path, ("ports",))
        published = CkanOffice(office, ckan, proxy, f"d{next(_numbers)}-", way)
        published.agency()
        published.run("publish")
        move_on(published)
        return published

    yield publish
    ckan.control("start", *_SERVERS)


def move_on(office: CkanOffice) -> None:
    """The source has one row more, and one that is otherwise: there is a release 2 to publish."""
    said = (SHARED_CANARY, NEVER_CANARY)
    changed, added = ("002", "新西港", "1955-10-12", *said), ("011", "北港", "2001-02-03", *said)
    office.office.ports((*PORTS[:2], changed, PORTS[3], added))


def is_switch(sent: Sent) -> bool:
    """Whether a call shows the page, by either way."""
    return sent.action in {"package_revise", "release_switch"} and b"publication_digest" in sent.body


def is_upload(sent: Sent) -> bool:
    """Whether a call brings a release's files."""
    return sent.action == "package_revise" and b'filename="ports.csv"' in sent.body


class StoredReleases(KnownReleases):
    """Those in an office's store: each is there before any target shows it."""

    def _refresh(self) -> None:
        for folder in self._folder.glob("[0-9]*"):
            if int(folder.name) not in self._found:
                self._found[int(folder.name)] = known_release(folder)


def known_to(office: CkanOffice) -> StoredReleases:
    """The releases that readers of the ports may see."""
    return StoredReleases(office.office.home / "releases" / "ports")


def sight(office: CkanOffice) -> Seen:
    """What anybody gets of the ports, every part of it."""
    return look(office, "ports", known_to(office))


@dataclass
class Readings:
    """What somebody got who read all the time; whole once `read_meanwhile` has ended."""

    report: Report = field(default_factory=Report)

    @property
    def torn(self) -> list[Example]:
        """Readings that no fault excuses."""
        return [one for one in self.report.examples if one.verdict in TORN]


@contextmanager
def read_meanwhile(office: CkanOffice, kinds: Sequence[str] = KINDS) -> Iterator[Readings]:
    """Somebody reads the ports at the portal itself, from a whole round before to one after whatever is done."""
    reader = OracleReader(office.portal.url, f"{office.prefix}ports", known_to(office), kinds=kinds)
    reader.round()
    ended, readings = threading.Event(), Readings(reader.report)

    def read() -> None:
        while not ended.wait(_BETWEEN_ROUNDS):
            reader.round()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield readings
    finally:
        ended.set()
        thread.join()
        reader.round()


def assert_converged(office: CkanOffice, release: int = 2, names: Sequence[str] = ()) -> None:
    """What a run without any fault gives: the release, each part once, found once, and nothing left to be done.

    Args:
        office: Whose ports they are.
        release: Which is to be shown; all before it are to be listed.
        names: Of the ports, where the release is none of the fixture's.
    """
    page, shelf = office.show("ports"), office.show("ports-releases")
    assert Counter(one["release_role"] for one in page["resources"]).most_common(1)[0][1] == 1
    listed = Counter((one["release"], one["release_role"]) for one in shelf["resources"])
    assert listed.most_common(1)[0][1] == 1
    assert {int(number) for number, _ in listed} == set(range(1, release + 1))
    assert sorted(str(row["name"]) for row in office.rows("ports")) == sorted(names or NAMES[release])
    seen = sight(office)
    assert (seen.release, seen.torn) == (release, [])
    for shown in (page, shelf):
        assert [(one["id"], one["metadata_modified"]) for one in found(office, shown["name"])] == [
            (shown["id"], shown["metadata_modified"])
        ]
    assert datasets(office) <= {page["name"], f"{page['name']}-releases", f"{page['name']}-staging"}
    assert office.office.run("verify", "ports").code == 0
    assert writes(office.counted("publish")) == []


def found(office: CkanOffice, name: str, account: str | None = None) -> list[dict[str, Any]]:
    """What the search finds under a name, for anybody or for an account, which sees what is private too."""
    asked = {"include_private": True} if account else {}
    return list(office.portal.call("package_search", account, fq=f'name:"{name}"', **asked)["results"])


def datasets(office: CkanOffice) -> set[str]:
    """The names of all of the office's datasets that the portal's database has, deleted ones too."""
    query = f"SELECT name FROM package WHERE name LIKE '{office.prefix}%'"
    return {str(name) for (name,) in office.portal.sql("ckan", query)}


@contextmanager
def held(office: CkanOffice, database: str, statement: str) -> Iterator[Callable[[], None]]:
    """A lock that a statement takes, held to the end or until what this gives is called."""
    with PluginPortal(office.portal).connected(database) as holder:
        holder.execute(statement.encode())
        yield holder.rollback


def wait_for_a_lock(office: CkanOffice, database: str) -> list[int]:
    """Wait until somebody waits for a lock in a database; the processes of PostgreSQL that do."""
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    wait_for(lambda: bool(office.portal.sql(database, query)), f"somebody who waits for a lock in {database}")
    return [int(process) for (process,) in office.portal.sql(database, query)]


@contextmanager
def trap(office: CkanOffice, condition: str, act: str = "RAISE EXCEPTION 'a trap'") -> Iterator[Callable[[], None]]:
    """The commit of a dataset for which a condition on NEW holds fails, to the end or until what this gives is called.

    Args:
        office: Whose portal it is.
        condition: In SQL.
        act: What is done in place of failing.
    """
    body = f"BEGIN IF {condition} THEN {act}; END IF; RETURN NULL; END"
    office.portal.sql("ckan", f"CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    kind = "AFTER INSERT OR UPDATE ON package DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    office.portal.sql("ckan", f"CREATE CONSTRAINT TRIGGER trap {kind} EXECUTE FUNCTION trap()")

    def open_it() -> None:
        office.portal.sql("ckan", "DROP FUNCTION IF EXISTS trap CASCADE")

    try:
        yield open_it
    finally:
        open_it()


def files_without_a_resource(office: CkanOffice) -> list[Path]:
    """Files on the portal's disk that no resource of any dataset names, whole or not."""
    folder = office.portal.folder / "storage" / "resources"
    known = {str(identity) for (identity,) in office.portal.sql("ckan", "SELECT id FROM resource")}
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if "".join(path.relative_to(folder).parts) not in known]
