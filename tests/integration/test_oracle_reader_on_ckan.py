"""The oracle reader judges a real CKAN as it judges the played portal, and the naive publishers are whole at rest."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.portal_readers import DATASET as BENCHED
from tests.benchmarks.portal_readers import Office, try_way
from tests.known_releases import KnownReleases, known_release, write_known
from tests.naive_publishers import CkanapiScript, NaivePublisher, PublisherHangs, XloaderPublisher
from tests.oracle_reader import KINDS, OracleReader
from tests.played_portal import (
    COLUMNS,
    DATASET,
    ROLES,
    PlayedPortal,
    content_of,
    played_release,
    rows_of,
    served,
)
from tests.portal_factory import Portal
from tests.reader_report import Report
from tests.release_factory import ReleaseFactory, make_entry, sample_rows
from tests.release_verdicts import Verdict

pytestmark = pytest.mark.faults

NOT_FOUND = (404, b'{"success": false}')


class Played:
    """The played portal's ways to tear a release."""

    def __init__(self, portal: PlayedPortal) -> None:
        self.portal = portal
        self.url = portal.url

    def show(self, number: int) -> None:
        self.portal.answers, self.portal.hashes = {}, {}
        self.portal.show(number)

    def new_file(self) -> None:
        self.portal.files["csv"] = content_of(2, "csv")

    def new_rows(self) -> None:
        self.portal.rows = rows_of(2)

    def no_rows(self) -> None:
        self.portal.rows = []

    def no_table(self) -> None:
        self.portal.answers = {"datastore_search": NOT_FOUND, "datastore_search_sql": NOT_FOUND}

    def new_metadata(self) -> None:
        self.portal.metadata = self.portal.search = 2
        self.portal.hashes = dict(played_release(1).files)

    def not_listed(self) -> None:
        self.portal.hashes["jsonl"] = None

    def gone(self) -> None:
        self.portal.answers, self.portal.search = {"package_show": NOT_FOUND}, None


class Real:
    """The same done to a real CKAN by its API."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.url = portal.url
        self.ids: dict[str, str] = {}

    def call(self, action: str, upload: io.BytesIO | None = None, **data: Any) -> Any:
        return self.portal.call(action, "administrator", upload, **data)

    def settle(self) -> None:
        """Until search has what was done."""
        wanted = self.call("package_show", id=DATASET)
        changed = wanted["metadata_modified"] if wanted["state"] == "active" else None
        for _ in range(600):
            found = self.portal.call("package_search", fq=f"name:{DATASET}")["results"]
            if (found[0]["metadata_modified"] if found else None) == changed:
                return
        pytest.fail("search does not follow")

    def show(self, number: int) -> None:
        if self.ids:
            self.call("dataset_purge", id=DATASET)
        self.call("package_create", name=DATASET, owner_org="own-agency", **self._fields(number))
        for role in ROLES:
            hashed = {"hash": played_release(number).files[role]}
            made = self.call("resource_create", self._file(number, role), package_id=DATASET, name=role, **hashed)
            self.ids[role] = made["id"]
        fields = [{"id": COLUMNS[0], "type": "text"}, {"id": COLUMNS[1], "type": "bigint"}]
        self.call("datastore_create", resource_id=self.ids["csv"], fields=fields, force=True)
        self._insert(number)

    def _fields(self, number: int) -> dict[str, Any]:
        return {"title": f"许可 {number}", "extras": [{"key": "release", "value": str(number)}]}

    def _file(self, number: int, role: str) -> io.BytesIO:
        file = io.BytesIO(content_of(number, role))
        file.name = f"licences.{role}"
        return file

    def _insert(self, number: int) -> None:
        records = [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(number)]
        self.call("datastore_upsert", resource_id=self.ids["csv"], records=records, method="insert", force=True)

    def new_file(self) -> None:
        self.call("resource_patch", self._file(2, "csv"), id=self.ids["csv"])

    def new_rows(self) -> None:
        self.no_rows()
        self._insert(2)

    def no_rows(self) -> None:
        self.call("datastore_records_delete", resource_id=self.ids["csv"], filters={}, force=True)

    def no_table(self) -> None:
        self.call("datastore_delete", resource_id=self.ids["csv"], force=True)

    def new_metadata(self) -> None:
        self.call("package_patch", id=DATASET, **self._fields(2))

    def not_listed(self) -> None:
        self.call("resource_delete", id=self.ids["jsonl"])

    def gone(self) -> None:
        self.call("package_delete", id=DATASET)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    for number in (1, 2):
        write_known(folder, played_release(number))
    return folder


def read(url: str, dataset: str, known: Path, rounds: int = 2) -> Report:
    reader = OracleReader(url, dataset, KnownReleases(known))
    for _ in range(rounds):  # in two rounds both files are read
        reader.round()
    return reader.report


def wrong(report: Report) -> dict[str, set[Verdict]]:
    """Kind → verdicts but whole; how long an answer takes is not what this file is about."""
    fine = {Verdict.WHOLE, Verdict.STALL}
    return {kind: set(counts) - fine for kind, counts in report.counts.items() if set(counts) - fine}


def test_a_real_portal_may_have_no_sql_search(empty_portal: Portal, known: Path) -> None:
    real = Real(empty_portal)
    real.show(1)
    real.settle()
    report = read(real.url, DATASET, known)

    assert set(report.left_out) == {"sql"}
    assert wrong(report) == {}
    assert set(report.counts) == {"show", *KINDS} - {"sql"}


@pytest.fixture(scope="module")
def searched_portal(portal: Portal) -> Portal:
    """One that answers SQL too."""
    portal.set_back("ckan.datastore.sqlsearch.enabled=true")
    return portal


@pytest.fixture(scope="module")
def real(searched_portal: Portal) -> Real:
    return Real(searched_portal)


@pytest.fixture
def played() -> Iterator[Played]:
    with served(PlayedPortal()) as portal:
        yield Played(portal)


MIXED, EMPTY, ERROR = {Verdict.MIXED}, {Verdict.EMPTY}, {Verdict.ERROR}


@pytest.mark.parametrize("kind", ["played", "real"])
@pytest.mark.parametrize(
    ("tear", "expected"),
    [
        ("", {}),
        ("new_file", {"file": MIXED, "address": MIXED}),
        ("new_rows", {"table": MIXED, "sql": MIXED}),
        ("no_rows", {"table": EMPTY, "sql": EMPTY}),
        ("no_table", {"table": ERROR, "sql": ERROR}),
        ("new_metadata", {kind: MIXED for kind in ("show", "file", "address", "table", "sql", "search")}),
        ("not_listed", {"show": EMPTY, "search": EMPTY}),
        ("gone", {"show": ERROR, "search": EMPTY}),
    ],
)
def test_a_portal_is_judged_alike_whether_played_or_real(
    request: pytest.FixtureRequest, known: Path, kind: str, tear: str, expected: dict[str, set[Verdict]]
) -> None:
    stage = request.getfixturevalue(kind)
    stage.show(1)
    if tear:
        getattr(stage, tear)()
    if kind == "real":
        stage.settle()

    assert wrong(read(stage.url, DATASET, known)) == expected


def _publish(publisher: NaivePublisher, folder: Path, portal: Portal) -> None:
    """ckanext-xloader hangs now and then, and what hangs in CKAN ends with it alone: then once more."""
    try:
        publisher.publish(folder)
    except PublisherHangs:
        portal.control("kill", "ckan", "worker")
        portal.control("start", "ckan", "worker")
        publisher.publish(folder)


@pytest.mark.parametrize(("plugins", "maker"), [((), CkanapiScript), (("xloader",), XloaderPublisher)])
def test_naive_publishers_are_whole_at_rest(
    searched_portal: Portal, tmp_path: Path, plugins: tuple[str, ...], maker: Callable[..., NaivePublisher]
) -> None:
    """The oracle is not unjust to them: all that it finds wrong is on the way from one release to the next."""
    searched_portal.set_back("ckan.datastore.sqlsearch.enabled=true", plugins=plugins)
    factory, entry = ReleaseFactory(tmp_path), make_entry("licences")
    releases = [factory.release(entry, sample_rows(20, start)).folder for start in (1, 5)]
    token = searched_portal.token("administrator")
    publisher = maker(searched_portal.url, token, "own-agency", "licences", patience=45)
    for folder in releases:
        write_known(tmp_path / "known", known_release(folder, publisher.roles))
    for folder in releases:
        _publish(publisher, folder, searched_portal)
        report = read(searched_portal.url, "licences", tmp_path / "known", rounds=3)

        assert (wrong(report), report.releases) == ({}, {int(folder.name)})


def test_the_benchmark_tries_a_way(searched_portal: Portal, tmp_path: Path) -> None:
    office = Office(tmp_path, rows=40)
    releases = [office.publish(number, "home", {"CKAN_URL": "", "CKAN_TOKEN": ""}) for number in (1, 2, 3)]
    trial = try_way("ckanapi", office, searched_portal, releases, {"readers": 2})
    cells = [cell.strip() for cell in trial.line().strip("|").split("|")]

    assert cells[:3] == ["ckanapi", "2", "2"]
    assert int(cells[3]) == trial.report.reads > 2 * len(KINDS)
    assert trial.report.releases <= {1, 2, 3}
    assert trial.document()["report"]["readers"] == 2
    assert searched_portal.call("package_show", id=BENCHED)["extras"] == [{"key": "release", "value": "3"}]
