"""The stock client beside the pipeline's own writer of tables: killed in a commit, growing by columns, a short log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.sharing import delta_actions, layout, log_shortening
from pipelines.targets.sharing.delta_log import commit_file, snapshot
from pipelines.targets.sharing.records import SharedTable
from resource_catalog.sharing_policy import Policy
from tests.served_tables import ServedTables
from tests.shared_tables import ShareFactory, columns_of, sample
from tests.sharing_servers import Response, running_server, urls
from tests.stock_client import MODES, ClientError, StockClient, running_client

NARROW = ("编号", "区")


@dataclass
class Bureau:
    """A bureau's client, beside the factory whose tables it reads."""

    factory: ShareFactory
    served: ServedTables
    client: StockClient
    profile: Path

    def url(self, table: SharedTable) -> str:
        return f"{self.profile}#{self.served.store.share}.resources.{table.dataset}"

    def rows(self, table: SharedTable, *, delta: bool, version: int | None = None) -> tuple[list[str], list[list[Any]]]:
        options = {} if version is None else {"version": version}
        found = self.client.load(self.url(table), use_delta_format=delta, **options)
        return found["columns"], sorted(found["rows"])


@pytest.fixture(scope="module")
def client() -> Iterator[StockClient]:
    with running_client() as client:
        yield client


@pytest.fixture
def bureau(tmp_path: Path, client: StockClient) -> Iterator[Bureau]:
    factory = ShareFactory(tmp_path)
    served = ServedTables(factory)
    with running_server(served.store.folder) as server:
        yield Bureau(factory, served, client, served.profile(tmp_path / "tax.share", server.endpoint))


@pytest.mark.parametrize("left", ["files alone", "half a commit", "an empty commit", "a commit", "a checkpoint"])
def test_a_client_reads_the_version_before_one_whose_writer_was_killed(bureau: Bureau, left: str) -> None:
    """F51: after the files and before the log; the log half written, as a power cut leaves it; before the pointer."""
    factory = bureau.factory
    (table,) = factory.share(factory.release(sample(20)), Policy("permits", NARROW))
    bureau.served.tell(table)
    factory.share(factory.release(sample(25)[1:]), Policy("permits", NARROW))  # and the server is told nothing of it
    folder = factory.folder(table)
    commit = commit_file(folder, 1)
    if left == "files alone":
        commit.unlink()
    elif left in ("half a commit", "an empty commit"):
        content = commit.read_bytes()
        commit.write_bytes(content[: len(content) // 2] if left == "half a commit" else b"")
    elif left == "a checkpoint":
        commit.with_suffix(".checkpoint.parquet").write_bytes(b"PAR1")
    for delta in (False, True):
        _columns, rows = bureau.rows(table, delta=delta)
        assert rows == sorted([row[0], row[1]] for row in sample(20))
        changes = bureau.client.changes(bureau.url(table), starting_version=0, use_delta_format=delta)
        assert {change["_commit_version"] for change in changes} == {0}
        assert len(changes) == 20


BEFORE = sample(30)
AFTER = [(*row[:2], -1, *row[3:]) if row[2] == 3 else row for row in sample(31)[1:]]


@pytest.fixture(params=[False, True], ids=["rewritten", "marked"])
def grown(bureau: Bureau, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SharedTable:
    """A table of two columns, then of all, with a row changed, one gone and one new; then one more is gone."""
    if request.param:
        monkeypatch.setattr(layout, "CHEAP", 0)
    factory, wide = bureau.factory, bureau.factory.policy
    factory.share(factory.release(BEFORE), Policy("permits", NARROW))
    factory.share(factory.release(AFTER), wide)
    (table,) = factory.share(factory.release(AFTER[1:]), wide)
    assert (table.current_version, columns_of(table)) == (2, list(wide.columns))
    bureau.served.tell(table)
    return table


def _is_marked(bureau: Bureau, table: SharedTable, version: int) -> bool:
    log = snapshot(bureau.factory.folder(table), version)
    return log is not None and any(one.gone for one in log.files.values())


@MODES
def test_a_table_that_grew_is_read_before_after_and_across(bureau: Bureau, grown: SharedTable, delta: bool) -> None:
    """Each version has the columns of its time; the changes since the first lead to the newest."""
    for version, wanted in enumerate((BEFORE, AFTER, AFTER[1:])):
        if _is_marked(bureau, grown, version) and not delta:
            with pytest.raises(ClientError, match="deletion"):
                bureau.rows(grown, delta=delta, version=version)
            continue
        columns, rows = bureau.rows(grown, delta=delta, version=version)
        assert columns == list(NARROW if version == 0 else bureau.factory.policy.columns)
        assert [row[:3] for row in rows] == sorted([*row[: min(3, len(columns))]] for row in wanted)
    assert _replica(_changes(bureau, grown, delta), columns_of(grown)[:3]) == sorted([*row[:3]] for row in AFTER[1:])


def _changes(bureau: Bureau, table: SharedTable, delta: bool) -> list[dict[str, Any]]:
    """The kernel takes changes of one schema in one call, and says so of more; a call before and one from it on do."""
    if not delta:
        return bureau.client.changes(bureau.url(table), use_delta_format=False, starting_version=0)
    with pytest.raises(ClientError, match="schemas are different"):
        bureau.client.changes(bureau.url(table), use_delta_format=True, starting_version=0)
    before = bureau.client.changes(bureau.url(table), use_delta_format=True, starting_version=0, ending_version=0)
    return before + bureau.client.changes(bureau.url(table), use_delta_format=True, starting_version=1)


def _replica(changes: list[dict[str, Any]], columns: list[str]) -> list[list[Any]]:
    rows: dict[str, list[Any]] = {}
    for change in sorted(changes, key=lambda one: (one["_commit_version"], _comes(one))):
        if _comes(change):
            rows[change[columns[0]]] = [change.get(name) for name in columns]
        else:
            del rows[change[columns[0]]]
    return sorted(rows.values())


def _comes(change: dict[str, Any]) -> bool:
    return change["_change_type"] in ("insert", "update_postimage")


def test_the_client_reads_a_log_of_which_a_checkpoint_stands_for_the_beginning(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (delta_actions, log_shortening):
        monkeypatch.setattr(module, "EVERY", 2)
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = bureau.factory
    factory.keep_days = 1
    for day in range(6):
        rows = [(*row[:2], -day, *row[3:]) if row[2] % 9 == day else row for row in sample(90 + day)]
        (table,) = factory.share(factory.release(rows), day=2 * day)
    table = factory.stored(table)
    assert table.first_version > 0
    assert not commit_file(factory.folder(table), 0).exists()
    bureau.served.tell(table)
    _columns, found = bureau.rows(table, delta=True)
    assert [row[:3] for row in found] == sorted([*row[:3]] for row in rows)
    changes = bureau.client.changes(bureau.url(table), starting_version=table.first_version, use_delta_format=True)
    assert {change["_commit_version"] for change in changes} == set(range(table.first_version, 6))


def test_files_go_beside_slow_readers_and_lagging_ones_only_after_their_time(tmp_path: Path) -> None:
    """O2: inside the promised time nothing fails; after it, a resync is required, and addresses live a day longer."""
    factory = ShareFactory(tmp_path, vectors=False, keep_days=3)
    for day in range(4):
        factory.share(factory.release(sample(20 - day)), day=day)
    served = ServedTables(factory)

    def swept(hours: int) -> str:
        factory.sharing.sweep(factory.at(0, hours=hours))
        (table,) = factory.sharing.tables("permits")
        served.tell(table)
        return served.path(table)

    path = swept(3 * 24)
    with running_server(served.store.folder, settings={"url_seconds": "3600"}) as server:
        slow = urls(server.query(path, served.token, {"version": 0}))
        lagging = server.get(f"{path}/changes?startingVersion=0", served.token)
        assert (len(slow), lagging.status) == (1, 200)
        for hours in (4 * 24 - 1, 4 * 24 + 1):
            assert swept(hours) == path
            assert [server.get(url).status for url in (*slow, *_changed(lagging))] == [200] * 5
        answer = server.get(f"{path}/changes?startingVersion=0", served.token)
        assert (answer.status, "earliest=1" in answer.json()["message"]) == (400, True)
        assert server.query(path, served.token, {"version": 0}).status == 400
        assert server.get(f"{path}/changes?startingVersion=1", served.token).status == 200
        swept(4 * 24 + 26)
        assert server.get(slow[0]).status == 410
        fresh = server.get(f"{path}/changes?startingVersion=2", served.token)
        assert {server.get(url).status for url in _changed(fresh)} == {200}


def _changed(answer: Response) -> list[str]:
    return [url for kind in ("add", "cdf", "remove") for url in urls(answer, kind)]
