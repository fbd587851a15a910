"""Logs of shared tables stay short: checkpoints stand for commits that no served version needs, and nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.targets.sharing import delta_actions, layout, log_shortening
from pipelines.targets.sharing.checkpoints import HINT, checkpoint_file, read_checkpoint, write_checkpoint
from pipelines.targets.sharing.delta_log import log_folder, replay, snapshot
from pipelines.targets.sharing.prove import prove_table
from pipelines.targets.sharing.records import SharedTable, tables_of
from resource_catalog.errors import OutsideError
from tests.killed_shortening import sweep
from tests.served_tables import ServedTables
from tests.shared_tables import Row, ShareFactory, changes_read, columns_of, sample, snapshot_read
from tests.sharing_servers import running_server
from tests.sharing_store import ROOT


def edition(number: int) -> list[Row]:
    """Rows of which each edition has others changed, here and there: vectors in the log and in files."""
    return [(*row[:2], -number, *row[3:]) if row[2] % 9 == number % 9 else row for row in sample(700 + number)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ShareFactory:
    """Eleven editions, a day apart; the versions of three days are served, and a day longer what they need is kept."""
    factory = ShareFactory(tmp_path_factory.mktemp("built"), keep_days=3)
    with pytest.MonkeyPatch.context() as patched:
        _patch(patched)
        for day in range(11):
            factory.share(factory.release(edition(day)), day=day)
    return factory


def _patch(patched: pytest.MonkeyPatch) -> None:
    """Checkpoints at every fourth version, and vectors in small tables."""
    for module in (delta_actions, log_shortening):
        patched.setattr(module, "EVERY", 4)
    patched.setattr(layout, "CHEAP", 0)
    patched.setattr(layout, "MOST_GONE", 0.9)


@pytest.fixture(autouse=True)
def _patched(monkeypatch: pytest.MonkeyPatch) -> None:
    _patch(monkeypatch)


def copied(built: ShareFactory, folder: Path) -> tuple[ShareFactory, SharedTable]:
    shutil.copytree(built.root, folder / "copy")
    factory = ShareFactory(folder / "copy", keep_days=3, releases=list(built.releases))
    (table,) = factory.sharing.tables("permits")
    return factory, table


def logged(factory: ShareFactory, table: SharedTable) -> tuple[list[int], list[int]]:
    """The versions that have a commit, and those that have a checkpoint."""
    log = log_folder(factory.folder(table))
    commits = sorted(int(one.stem) for one in log.glob("*.json"))
    return commits, sorted(int(one.name[:20]) for one in log.glob("*.checkpoint.parquet"))


def check_served(factory: ShareFactory, table: SharedTable) -> None:
    """Every served version, and the changes between them, are read to the row by another program."""
    folder, columns = factory.folder(table), columns_of(table)
    assert table.current_version is not None
    for version in range(table.first_version, table.current_version + 1):
        assert snapshot_read(folder, columns, version) == {row: 1 for row in edition(version)}
    if table.first_version == table.current_version:
        return
    changes = changes_read(folder, columns, table.first_version + 1, table.current_version)
    left = snapshot_read(folder, columns, table.first_version)
    for _version, kind, row in sorted(changes, key=lambda one: (one[0], one[1] in ("insert", "update_postimage"))):
        left[row] += 1 if kind in ("insert", "update_postimage") else -1
    assert +left == snapshot_read(folder, columns, table.current_version)


def test_commits_go_up_to_the_last_checkpoint_before_the_served_versions(built: ShareFactory) -> None:
    (table,) = built.sharing.tables("permits")
    assert (table.first_version, table.current_version) == (6, 10)
    assert logged(built, table) == (list(range(4, 11)), [4, 8])
    check_served(built, table)
    assert any(one.kind == "dv" for one in table.files)


def test_a_checkpoint_says_what_the_commits_say(built: ShareFactory) -> None:
    (table,) = built.sharing.tables("permits")
    folder = built.folder(table)
    stored, replayed = read_checkpoint(log_folder(folder), 8), replay(folder, 8, below_checkpoint=8)
    assert replayed is not None
    assert stored.adds == replayed.adds
    assert stored.protocol == replayed.protocol
    assert stored.metadata == {key: value for key, value in replayed.metadata.items() if key != "_timestamp"}


def test_a_log_of_commits_alone_is_made_short_once_it_may_be(built: ShareFactory, tmp_path: Path) -> None:
    """As one that a program before checkpoints wrote: the next version's run adds what is due."""
    factory, table = copied(built, tmp_path)
    log = log_folder(factory.folder(table))
    checkpoint_file(log, 8).unlink()
    (log / HINT).unlink()
    factory.share(factory.release(edition(11)), day=11)
    (table,) = factory.sharing.tables("permits")
    assert logged(factory, table) == (list(range(4, 12)), [4, 8])
    for day in (20, 22):
        factory.sharing.sweep(factory.at(day))
    (table,) = factory.sharing.tables("permits")
    assert (table.first_version, logged(factory, table)) == (11, (list(range(8, 12)), [8]))
    check_served(factory, table)


def test_commits_of_a_program_before_checkpoints_stay_until_one_says_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It didn't say policy and columns again where a checkpoint stands now."""
    factory = ShareFactory(tmp_path, keep_days=1)
    monkeypatch.setattr(delta_actions, "EVERY", 1000)
    for day in range(6):
        factory.share(factory.release(sample(20 + day)), day=3 * day)
    (table,) = factory.sharing.tables("permits")
    assert (table.first_version, logged(factory, table)) == (4, (list(range(6)), [4]))
    monkeypatch.setattr(delta_actions, "EVERY", 4)
    for day in range(6, 11):
        factory.share(factory.release(sample(20 + day)), day=3 * day)
    (table,) = factory.sharing.tables("permits")
    assert logged(factory, table) == ([8, 9, 10], [8])
    assert snapshot_read(factory.folder(table), columns_of(table), 9).total() == 29


def test_a_lost_record_is_made_anew_of_a_short_log(built: ShareFactory, tmp_path: Path) -> None:
    factory, table = copied(built, tmp_path)
    (factory.root / "sharing" / "tables" / f"{table.id}.json").unlink()
    factory.sharing.recover()
    (again,) = factory.sharing.tables("permits")
    assert (again.first_version, again.current_version, again.policy) == (4, 10, table.policy)
    assert again.versions == table.versions[4:]
    assert again.columns == table.columns
    assert {one.path for one in table.files} <= {one.path for one in again.files}
    known = {one.path: (one.first_version, one.last_version) for one in again.files if one.kind == "data"}
    assert all(known[one.path] == (one.first_version, one.last_version) for one in table.files if one.kind == "data")
    factory.share(factory.release(edition(11)), day=11)
    (again,) = factory.sharing.tables("permits")
    check_served(factory, again)


@pytest.mark.parametrize("harm", ["cut", "empty", "other files"])
def test_a_harmed_checkpoint_is_named_and_removes_no_commit_before_it_is_mended(
    built: ShareFactory, tmp_path: Path, harm: str
) -> None:
    factory, table = copied(built, tmp_path)
    log = log_folder(factory.folder(table))
    file = checkpoint_file(log, 8)
    if harm == "other files":
        shutil.copyfile(checkpoint_file(log, 4), file)
    else:
        file.write_bytes(b"" if harm == "empty" else file.read_bytes()[:-20])
    (_found, *_more) = prove_table(factory.root / "sharing", table, None, tmp_path / "proof" / "w.duckdb")
    factory.sharing.sweep(factory.at(60))
    factory.sharing.sweep(factory.at(70))  # all but the newest version ended long ago
    (table,) = factory.sharing.tables("permits")
    assert table.first_version == 10
    faults = prove_table(factory.root / "sharing", table, None, tmp_path / "proof" / "w.duckdb")
    if harm == "other files":
        assert logged(factory, table)[0] == list(range(4, 11))
        assert len(faults) == 1 and "other files" in faults[0]
    else:
        assert logged(factory, table)[0] == list(range(8, 11))
        assert faults == []


def test_without_a_checkpoint_that_can_be_read_a_short_log_is_broken(built: ShareFactory, tmp_path: Path) -> None:
    factory, table = copied(built, tmp_path)
    for version in (4, 8):
        file = checkpoint_file(log_folder(factory.folder(table)), version)
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(OutsideError, match="log lacks version 0"):
        factory.share(factory.release(edition(11)), day=11)
    assert factory.stored(table).current_version == 10


def test_a_run_killed_at_every_step_of_shortening_leaves_a_whole_log(built: ShareFactory, tmp_path: Path) -> None:
    base, table = copied(built, tmp_path / "base")
    log = log_folder(base.folder(table))
    checkpoint_file(log, 8).rename(log / f"{checkpoint_file(log, 8).name}#1")  # as deltalake leaves it when killed
    (log / HINT).unlink()
    hours = [10 * 24 + 49, 10 * 24 + 74]  # version 8 ends, and a day later what it alone needs goes
    words = [str(base.root), str(tmp_path / "killed"), *map(str, hours)]
    subprocess.run([sys.executable, "-m", "tests.killed_shortening", *words], cwd=ROOT, check=True, timeout=60)
    steps = sorted(int(one.name) for one in (tmp_path / "killed").iterdir())
    assert len(steps) > 8
    states = set()
    for step in steps:
        factory = ShareFactory(tmp_path / "killed" / f"{step}", keep_days=3)
        (found,) = tables_of(factory.root / "sharing")
        state = str((found.first_version, logged(factory, found)))
        if state not in states:
            check_served(factory, found)
        states.add(state)
        sweep(factory, hours)
        (found,) = factory.sharing.tables("permits")
        assert (step, logged(factory, found)) == (step, (list(range(8, 11)), [8]))
        assert sorted(one.name for one in log_folder(factory.folder(found)).iterdir() if "#" in one.name) == []
    check_served(factory, found)
    assert len(states) > 4  # the log was met in many of the states that it goes through


def test_the_server_reads_a_short_log_as_it_read_the_whole(built: ShareFactory, tmp_path: Path) -> None:
    factory, table = copied(built, tmp_path)
    served = ServedTables(factory)
    served.tell(table)
    capable = {"delta_sharing_capabilities": "responseformat=delta;readerfeatures=deletionvectors"}
    with running_server(served.store.folder) as server:
        for version in range(table.first_version, 11):
            answer = server.query(served.path(table), served.token, {"version": version}, **capable)
            live = snapshot(factory.folder(table), version)
            assert live is not None
            told = [line["file"]["deltaSingleAction"]["add"]["size"] for line in answer.lines() if "file" in line]
            assert sorted(told) == sorted(one.size for one in live.files.values())
        changes = server.get(
            f"{served.path(table)}/changes?startingVersion={table.first_version}", served.token, **capable
        )
        assert changes.status == 200


def test_a_checkpoint_is_put_in_the_place_of_one_that_is_there(built: ShareFactory, tmp_path: Path) -> None:
    factory, table = copied(built, tmp_path)
    folder = factory.folder(table)
    before = read_checkpoint(log_folder(folder), 8)
    checkpoint_file(log_folder(folder), 8).write_bytes(b"")
    write_checkpoint(folder, 8)
    assert read_checkpoint(log_folder(folder), 8) == before
