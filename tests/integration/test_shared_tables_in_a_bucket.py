"""Shared tables in a bucket: the same versions as in a folder; kills, two writers, removal (O1, O3, O5)."""

from __future__ import annotations

import datetime
import shutil
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import obstore
import pytest

from pipelines.targets.sharing import bucket, delta_actions, layout, log_shortening, object_tables
from pipelines.targets.sharing.delta_actions import Projection
from pipelines.targets.sharing.delta_log import VersionTakenError, snapshot
from pipelines.targets.sharing.projection import project
from pipelines.targets.sharing.prove import prove_table
from pipelines.targets.sharing.records import SharedTable, tables_of
from pipelines.targets.sharing.storage import Storage
from resource_catalog.errors import OutsideError
from resource_catalog.sharing_policy import Policy
from tests.killed_objects import act, killed_at
from tests.object_stores import StandIn
from tests.shared_tables import START, Row, ShareFactory, check_shows, columns_of, sample, snapshot_read, under


@pytest.fixture(params=["moto", "s3proxy"])
def store(request: pytest.FixtureRequest) -> StandIn:
    found: StandIn = request.getfixturevalue(request.param)
    return found


def _proof(factory: ShareFactory, table: SharedTable) -> list[str]:
    return prove_table(factory.root / "sharing", table, None, factory.root / "proof" / "w.duckdb", factory.storage)


def _changed(rows: list[Row], step: int) -> list[Row]:
    return [(*row[:2], -1, *row[3:]) if number % step == 3 else row for number, row in enumerate(rows)]


def test_versions_in_a_bucket_are_read_as_those_in_a_folder(
    store: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O5: rows, changes and deletion vectors, those in files of their own among them."""
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = ShareFactory(tmp_path, objects=store.settings())
    first = sample(9000)
    for rows in (first, _changed(first, 7), _changed(first, 7)[100:]):
        (table,) = factory.share(factory.release(rows))
        check_shows(factory, factory.policy, rows)
    assert any(one.kind == "dv" for one in table.files)
    assert _proof(factory, table) == []
    assert factory.objects is not None
    there = {path.removeprefix(f"{table.id}/") for path in store.paths(factory.objects)}
    assert {one.path for one in table.files} < there
    assert there - {one.path for one in table.files} == {f"_delta_log/{version:020}.json" for version in range(3)}
    assert not list(factory.folder(table).rglob("*.parquet"))
    assert all(path.isascii() and "=" not in path for path in there)  # sharp edge 3


def _projection(factory: ShareFactory, source: Any, table: str) -> Projection:
    folder = factory.root / "sharing" / "tables" / table
    return Projection(table, folder, factory.policy, source, "标题", "", START, storage=factory.storage)


def test_of_two_writers_of_one_version_exactly_one_wins(moto: StandIn, tmp_path: Path) -> None:
    """O3: of what both do alike, too."""
    settings = moto.settings()
    storages = [ShareFactory(tmp_path / name, objects=settings).storage for name in ("a", "b")]
    folders = [tmp_path / name / "t" for name in ("a", "b")]
    for round_ in range(20):
        outcomes: list[str] = []
        gate = threading.Barrier(2)

        def write(storage: Storage, folder: Path, version: int = round_, gate: Any = gate, out: Any = outcomes) -> None:
            storage.pull(folder.with_name("other"))  # the log of "t" is made by this test alone
            gate.wait()
            try:
                storage.commit(folder, version, [{"commitInfo": {"timestamp": 1}}])
                out.append("won")
            except VersionTakenError:
                out.append("second")

        threads = [threading.Thread(target=write, args=pair) for pair in zip(storages, folders, strict=True)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(outcomes) == ["second", "won"]
    assert len(moto.paths(settings)) == 20


def test_the_writer_that_comes_second_reads_anew_and_loses_no_row(moto: StandIn, tmp_path: Path) -> None:
    """O3: two homes, one projection; the second makes the next version of what the first made."""
    settings = moto.settings()
    homes = [ShareFactory(tmp_path / name, objects=settings) for name in ("a", "b")]
    for home in homes:
        home.release(sample(10))
    (table,) = homes[0].share(homes[0].release(sample(11)))
    sources = [home.release(sample(count)) for home, count in zip(homes, (12, 14), strict=True)]
    errors: list[Exception] = []
    gate = threading.Barrier(2)

    def write(home: ShareFactory, source: Any) -> None:
        try:
            gate.wait()
            project(_projection(home, source, table.id), home.root / "work" / "w.duckdb")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=pair) for pair in zip(homes, sources, strict=True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    homes[1].sharing.recover()
    (seen,) = tables_of(homes[1].root / "sharing")
    assert [one.rows for one in seen.versions] in ([11, 12, 14], [11, 14, 12])
    assert [one.added - one.removed for one in seen.versions][1:] in ([1, 2], [3, -2])
    assert snapshot_read(homes[1].address(seen), columns_of(seen)) == Counter(sample(seen.versions[-1].rows))
    named = {one.path for one in seen.files}
    parquet = {path.partition("/")[2] for path in moto.paths(settings) if path.endswith(".parquet")}
    assert parquet == named


def test_a_store_that_overwrites_is_refused_unless_one_home_alone_writes_there(
    s3proxy: StandIn, tmp_path: Path
) -> None:
    """O3: s3proxy answers 200 where it should answer 412."""
    factory = ShareFactory(tmp_path, objects=s3proxy.settings(single_writer=False))
    source = factory.release(sample(3))
    with pytest.raises(OutsideError, match="only if there is none") as raised:
        factory.share(source)
    assert "single_writer" in str(raised.value)
    assert factory.objects is not None
    assert s3proxy.paths(factory.objects) == []
    factory = replace(factory, objects=factory.objects.model_copy(update={"single_writer": True}))
    (table,) = factory.share(source)
    storage, folder = factory.storage, factory.folder(table)
    storage.pull(folder)
    with pytest.raises(VersionTakenError):
        storage.commit(folder, 0, [{"commitInfo": {"timestamp": 1}}])


def test_a_commit_whose_answer_was_lost_is_found_to_be_made(
    moto: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = ShareFactory(tmp_path, objects=moto.settings())
    put = obstore.put

    def lossy(store: Any, path: str, *content: Any, **options: Any) -> Any:
        made = put(store, path, *content, **options)
        if path.endswith(".json"):
            raise obstore.exceptions.GenericError("the connection broke")
        return made

    monkeypatch.setattr(bucket.obstore, "put", lossy)
    (table,) = factory.share(factory.release(sample(5)))
    monkeypatch.undo()
    check_shows(factory, factory.policy, sample(5))
    assert table.current_version == 0


@pytest.mark.parametrize("case", ["first", "marked", "tightened", "withdrawn", "checkpoint"])
def test_a_publisher_killed_at_every_call_leaves_a_whole_version_and_a_rerun_converges(
    moto: StandIn, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O1."""
    monkeypatch.setattr(layout, "CHEAP", 0 if case == "marked" else 1 << 30)
    for module in (delta_actions, log_shortening):
        monkeypatch.setattr(module, "EVERY", 1 if case == "checkpoint" else 10)
    before = sample(1500 if case == "marked" else 60)
    rows = [before, _changed(before, 6)]
    columns = ("编号", "区") if case == "tightened" else ShareFactory(tmp_path).schema.names
    policy = None if case == "withdrawn" else Policy("permits", columns)
    step, killed = 0, True
    while killed:
        step += 1
        factory = ShareFactory(tmp_path / f"{step}", objects=moto.settings())
        sources = [factory.release(one) for one in rows]
        if case != "first":
            factory.share(sources[0])

        killed = killed_at(step, factory, sources[1], policy)
        for table in tables_of(factory.root / "sharing"):
            if table.current is not None and table.retired_at is None:
                shown = rows[table.current.release - 1]
                found = snapshot_read(factory.address(table), columns_of(table), table.current.version)
                assert found == under(table.policy, shown), step
        act(factory, sources[1], policy)
        assert factory.objects is not None
        if policy is None:
            assert (factory.sharing.left_of("permits"), moto.paths(factory.objects)) == ([], [])
            continue
        check_shows(factory, policy, rows[1])
        (table,) = factory.sharing.tables("permits")
        assert _proof(factory, table) == []
        there = {path.partition("/")[2] for path in moto.paths(factory.objects) if path.startswith(table.id)}
        left = {path for path in there - {one.path for one in table.files} if not path.startswith("_delta_log/")}
        assert (f"_delta_log/{1:020}.checkpoint.parquet" in there) == (case == "checkpoint"), step
        assert (step, {path for path in left if "deletion_vector" not in path}) == (step, set())  # those stay for a day
    assert step > 2


def test_files_that_nobody_may_read_any_more_are_gone(store: StandIn, tmp_path: Path) -> None:
    """O2: by retention, by a tighter policy, and at once by withdrawal."""
    factory = ShareFactory(tmp_path, objects=store.settings(), keep_days=2)
    assert factory.objects is not None
    (first,) = factory.share(factory.release(sample(40)))
    (second,) = factory.share(factory.release(sample(30)))
    old = {f"{first.id}/{one.path}" for one in first.files}
    assert old < set(store.paths(factory.objects))
    for day in (5, 9):
        factory.sharing.sweep(factory.at(day))
    assert not old & set(store.paths(factory.objects))
    assert _proof(factory, factory.stored(second)) == []
    factory.share(factory.release(sample(20)), Policy("permits", ("编号",)), day=10)
    factory.sharing.sweep(factory.at(13))
    assert not any(path.startswith(second.id) for path in store.paths(factory.objects))
    factory.sharing.withdraw("permits", factory.at(14))
    assert (factory.sharing.left_of("permits"), store.paths(factory.objects)) == ([], [])


def test_a_long_log_has_checkpoints_there_and_loses_the_commits_that_they_stand_for(
    moto: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (delta_actions, log_shortening):
        monkeypatch.setattr(module, "EVERY", 2)
    factory = ShareFactory(tmp_path, objects=moto.settings(), keep_days=1)
    assert factory.objects is not None
    for count in range(10, 18):
        (table,) = factory.share(factory.release(sample(count)))
    log = [path.rpartition("/")[2] for path in moto.paths(factory.objects) if "/_delta_log/" in path]
    here = sorted(one.name for one in (factory.folder(table) / "_delta_log").iterdir())
    assert sorted(log) == here
    assert {"_last_checkpoint", f"{6:020}.checkpoint.parquet"} < set(log)
    assert f"{0:020}.json" not in log
    assert snapshot_read(factory.address(table), columns_of(table)) == Counter(sample(17))
    assert _proof(factory, factory.stored(table)) == []
    shutil.rmtree(factory.folder(table))
    factory.share(factory.release(sample(30)))
    assert snapshot_read(factory.address(table), columns_of(table)) == Counter(sample(30))


def test_harm_in_the_bucket_is_named_and_stops_the_next_version(store: StandIn, tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path, objects=store.settings())
    assert factory.objects is not None
    (table,) = factory.share(factory.release(sample(50)))
    (data,) = (one.path for one in table.files)
    objects, key = store.objects(factory.objects), f"{table.id}/{data}"
    content = bytes(obstore.get(objects, key).bytes())
    for harmed in (content[:-10], content[:100] + b"\0" + content[101:], None):
        if harmed is None:
            obstore.delete(objects, key)
        else:
            obstore.put(objects, key, harmed)
        assert _proof(factory, table) != []
        with pytest.raises(OutsideError):
            factory.share(factory.release(sample(5)))
        assert factory.stored(table).current_version == 0


def test_a_home_that_lost_its_copies_goes_on_from_the_bucket(moto: StandIn, tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path, objects=moto.settings())
    factory.share(factory.release(sample(5)))
    (table,) = factory.share(factory.release(sample(4)))
    shutil.rmtree(factory.folder(table))
    (tmp_path / "sharing" / "tables" / f"{table.id}.json").unlink()
    factory.sharing.recover()
    assert factory.stored(table) == table
    factory.share(factory.release(sample(6)))
    check_shows(factory, factory.policy, sample(6))


def test_what_a_killed_run_left_goes_and_what_others_have_there_stays(
    moto: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = ShareFactory(tmp_path, objects=moto.settings())
    assert factory.objects is not None
    (table,) = factory.share(factory.release(sample(5)))
    ours = set(moto.paths(factory.objects))
    name, digest = "00000000-0000-4000-8000-000000000000", "0" * 24
    left = {f"{name}/v00000000-{digest}.parquet", f"probe-{name}"}
    others = {
        "a/b.txt",
        f"v00000000-{digest}.parquet",
        f"{name[:-1]}/v00000000-{digest}.parquet",
        f"{table.id}/notes.txt",
    }
    for path in (*left, *others):
        obstore.put(moto.objects(factory.objects), path, b"")
    factory.sharing.recover()
    assert set(moto.paths(factory.objects)) == ours | left | others  # a run may be about to commit
    monkeypatch.setattr(object_tables, "_SURELY_LEFT", datetime.timedelta(0))
    factory.sharing.recover()
    assert set(moto.paths(factory.objects)) == ours | others
    factory.share(factory.release(sample(6)))
    assert others < set(moto.paths(factory.objects))


def test_tables_are_not_looked_for_where_they_are_not(moto: StandIn, tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path, objects=moto.settings())
    source = factory.release(sample(5))
    factory.share(source)
    for elsewhere in (moto.settings(), None):
        moved = replace(factory, objects=elsewhere)
        with pytest.raises(OutsideError, match="lie in the bucket"):
            moved.sharing.check()
    assert factory.objects is not None
    presigned = replace(factory, objects=factory.objects.model_copy(update={"addresses": "presigned"}))
    presigned.sharing.check()
    assert '"presigned"' in (tmp_path / "sharing" / "objects.json").read_text("utf-8")


def test_a_bucket_that_keeps_removed_objects_is_refused(moto: StandIn, tmp_path: Path) -> None:
    import urllib3

    urllib3.request("PUT", f"{moto.endpoint}/versioned", timeout=10)
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    urllib3.request("PUT", f"{moto.endpoint}/versioned?versioning", body=body, timeout=10)
    factory = ShareFactory(tmp_path, objects=moto.settings(bucket="versioned"))
    with pytest.raises(OutsideError, match="as versions"):
        factory.sharing.check()


@pytest.mark.parametrize("wrong", ["keys", "bucket", "address"])
def test_a_bucket_that_can_not_be_used_is_told_of_without_a_key(
    s3proxy: StandIn, tmp_path: Path, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "_RETRIES", 0)
    said = {"bucket": {"bucket": "other"}, "address": {"endpoint": "http://127.0.0.1:9"}}.get(wrong, {})
    if wrong == "keys":
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-credential")
    factory = ShareFactory(tmp_path, objects=s3proxy.settings(**said))
    with pytest.raises(OutsideError) as raised:
        factory.sharing.check()
    told = str(raised.value)
    assert ("AWS_ACCESS_KEY_ID" if wrong == "keys" else "targets.sharing.objects") in told
    assert "credential" not in told
    assert len(told) < 600


def test_a_log_that_the_bucket_lost_is_told_of(moto: StandIn, tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path, objects=moto.settings())
    assert factory.objects is not None
    (table,) = factory.share(factory.release(sample(5)))
    obstore.delete(moto.objects(factory.objects), f"{table.id}/_delta_log/{0:020}.json")
    with pytest.raises(OutsideError, match="version 0 is served"):
        factory.sharing.recover()
    assert snapshot(factory.folder(table)) is None
