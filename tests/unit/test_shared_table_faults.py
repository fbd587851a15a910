"""Shared tables and what can go wrong: kills at every step, two writers, harmed files; readers have a whole version."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.sharing import layout
from pipelines.targets.sharing.delta_actions import Projection
from pipelines.targets.sharing.delta_log import VersionTakenError, commit, last_version, replay, snapshot
from pipelines.targets.sharing.projection import project
from pipelines.targets.sharing.prove import prove_table
from pipelines.targets.sharing.records import tables_of
from resource_catalog.errors import OutsideError
from resource_catalog.sharing_policy import Policy
from tests.killed_at_step import killed_at
from tests.shared_tables import START, Row, ShareFactory, check_shows, columns_of, sample, snapshot_read, under


@pytest.mark.parametrize("case", ["first", "marked", "rewritten", "tightened"])
def test_a_publisher_killed_at_every_step_leaves_a_whole_version_and_a_rerun_converges(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "CHEAP", 0 if case == "marked" else 1 << 30)
    rows = [sample(60), [(*row[:2], -1, *row[3:]) if number % 9 == 3 else row for number, row in enumerate(sample(61))]]
    before = rows[0] if case != "first" else None
    base = ShareFactory(tmp_path / "base")
    sources = [base.release(one) for one in rows]
    if before is not None:
        base.share(sources[0])
    policy = Policy("permits", ("编号", "区")) if case == "tightened" else base.policy
    step = 0
    while True:
        step += 1
        factory = ShareFactory(tmp_path / f"{step}")
        shutil.copytree(base.root, factory.root)
        killed = killed_at(step, factory.root / "sharing", partial(factory.share, sources[1], policy))
        for table in tables_of(factory.root / "sharing"):
            if table.current is not None and table.retired_at is None:  # what the pointer serves is one release, whole
                shown = rows[table.current.release - 1]
                found = snapshot_read(factory.folder(table), columns_of(table), table.current.version)
                assert found == under(table.policy, shown), step
        factory.share(sources[1], policy)
        check_shows(factory, policy, rows[1])
        (table,) = factory.sharing.tables("permits")
        assert [one.release for one in table.versions][-1] == 2
        named = {one.path for one in table.files}
        lying = {one.relative_to(factory.folder(table)).as_posix() for one in factory.folder(table).rglob("*.parquet")}
        assert (step, lying - named) == (step, set())
        folders = {one.name for one in (factory.root / "sharing" / "tables").iterdir() if one.is_dir()}
        assert (step, folders) == (step, {one.id for one in factory.sharing.all_tables()})
        assert (factory.root / "sharing" / "receipts" / table.id / f"{table.current_version}.json").is_file()
        if not killed:
            break
    assert step > 8


def _projection(factory: ShareFactory, source: Any, table: str) -> Projection:
    return Projection(
        table_id=table,
        folder=factory.root / "sharing" / "tables" / table,
        policy=factory.policy,
        source=source,
        title="标题",
        summary="",
        at=START,
    )


def test_of_two_writers_of_one_version_exactly_one_wins_and_no_row_is_lost_in_1000_rounds(tmp_path: Path) -> None:
    """F52, O3: both try the same version at once; who comes second reads what the other did, and goes after it."""
    won: dict[str, list[int]] = {"a": [], "b": []}
    gate = threading.Barrier(2, timeout=60)

    def write(name: str) -> None:
        for round_ in range(ROUNDS):
            version = 2 * round_  # what both read before
            gate.wait()
            try:
                commit(tmp_path, version, _row(name, round_))
            except VersionTakenError:
                version += 1
                commit(tmp_path, version, _row(name, round_))
            won[name].append(version)

    threads = [threading.Thread(target=write, args=(name,)) for name in won]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(won["a"] + won["b"]) == list(range(2 * ROUNDS))
    assert all(
        {one, other} == {2 * round_, 2 * round_ + 1}
        for round_, (one, other) in enumerate(zip(*won.values(), strict=True))
    )
    log = replay(tmp_path)
    assert log is not None
    assert set(log.adds) == {f"{name}-{round_}" for name in won for round_ in range(ROUNDS)}
    assert all(
        sum(version % 2 == 0 for version in versions) > 0 for versions in won.values()
    )  # each was first at times


#: As many as F52 demands: a commit is two writes of a few milliseconds.
ROUNDS = 1000


def _row(name: str, round_: int) -> list[dict[str, Any]]:
    """The actions of a version that adds one row."""
    info = {"timestamp": round_, "opendata.policy": {}, "opendata.columns": []}
    return [{"commitInfo": info}, {"add": {"path": f"{name}-{round_}", "tags": {"rows": "1"}}}]


def test_the_writer_that_comes_second_reads_anew_and_loses_no_row(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    (table,) = factory.share(factory.release(sample(10)))
    sources = [factory.release(sample(count)) for count in (12, 14, 16, 18)]
    errors: list[Exception] = []

    def write(source: Any) -> None:
        try:
            project(_projection(factory, source, table.id), tmp_path / f"work-{source.release.number}" / "w.duckdb")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(source,)) for source in sources]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    assert last_version(factory.folder(table)) == 4
    log = snapshot(factory.folder(table))
    assert log is not None
    found = snapshot_read(factory.folder(table), columns_of(table))
    assert found in [Counter(rows) for _release, rows in factory.releases[1:]]


@pytest.mark.parametrize("harm", ["missing", "swapped", "cut", "log cut", "log missing", "vector"])
def test_harm_to_a_table_is_named_and_stops_its_next_version(
    tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = ShareFactory(tmp_path)
    rows: list[Row] = sample(3000)
    factory.share(factory.release(rows))
    (table,) = factory.share(factory.release([row for number, row in enumerate(rows) if number % 10]))
    folder = factory.folder(table)
    (data,) = (folder / one.path for one in table.files if one.kind == "data")
    assert prove_table(factory.root / "sharing", table, None, tmp_path / "proof" / "w.duckdb") == []
    log = folder / "_delta_log" / f"{0:020}.json"
    if harm == "missing":
        data.unlink()
    elif harm == "swapped":
        (change,) = (folder / one.path for one in table.files if one.kind == "cdc")
        shutil.copyfile(change, data)
    elif harm == "cut":
        data.write_bytes(data.read_bytes()[:-100])
    elif harm == "log cut":
        log.write_text(log.read_text("utf-8")[:-40], "utf-8")
    elif harm == "log missing":
        log.unlink()
    else:
        (vector,) = (folder / one.path for one in table.files if one.kind == "dv")
        content = bytearray(vector.read_bytes())
        content[40] ^= 1
        vector.write_bytes(bytes(content))
    assert prove_table(factory.root / "sharing", table, None, tmp_path / "proof" / "w.duckdb")
    with pytest.raises(OutsideError):
        factory.share(factory.release(sample(5)))
    assert factory.stored(table).current_version == 1


def test_a_record_that_was_lost_is_made_anew_from_the_log(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    factory.share(factory.release(sample(5)))
    (table,) = factory.share(factory.release(sample(4)))
    (tmp_path / "sharing" / "tables" / f"{table.id}.json").unlink()
    factory.sharing.recover()
    assert factory.stored(table) == table
