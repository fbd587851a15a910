"""Old versions of shared tables: served as long as promised, then gone; what a served version needs never goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.targets.sharing import layout
from pipelines.targets.sharing.records import SharedTable
from tests.shared_tables import ShareFactory, changes_read, columns_of, sample, snapshot_read


def files(factory: ShareFactory, table: SharedTable) -> set[str]:
    folder = factory.folder(table)
    return {
        one.relative_to(folder).as_posix()
        for one in (*folder.rglob("*.parquet"), *folder.glob("*.bin"))
        if "_delta_log" not in one.parts
    }


@pytest.mark.parametrize("vectors", [True, False])
def test_versions_end_after_their_days_and_every_served_one_stays_readable(
    tmp_path: Path, vectors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = ShareFactory(tmp_path, vectors=vectors, keep_days=3)
    rows = [sample(40 - number) for number in range(8)]
    for day, one in enumerate(rows):
        factory.share(factory.release(one), day=day)
        (table,) = factory.sharing.tables("permits")
        assert table.first_version == max(0, day - 4)
        assert {one.path for one in table.files} == files(factory, table)
        for version in range(table.first_version, day + 1):
            assert snapshot_read(factory.folder(table), columns_of(table), version).total() == 40 - version
        if day:
            changes = changes_read(factory.folder(table), columns_of(table), max(1, table.first_version), day)
            assert {version for version, _, _ in changes} == set(range(max(1, table.first_version), day + 1))
    (table,) = factory.sharing.tables("permits")
    # What ended more than a day ago is gone: version 0, but for what later ones have, too.
    assert min(one.last_version for one in table.files if one.last_version is not None) == 1


def test_a_file_outlives_its_version_by_the_life_time_of_an_address(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path, vectors=False, keep_days=3)
    (table,) = factory.share(factory.release(sample(10)), day=0)
    first = table.files[0].path
    factory.share(factory.release(sample(9)), day=1)
    sharing = factory.sharing
    for at, served_from, is_there in (
        (factory.at(4), 0, True),
        (factory.at(90), 1, True),  # nobody looked after it for long: until now the server gave addresses of it
        (factory.at(90, hours=23), 1, True),
        (factory.at(91, hours=1), 1, False),
    ):
        sharing.sweep(at)
        (table,) = factory.sharing.tables("permits")
        assert (table.first_version, first in files(factory, table)) == (served_from, is_there)
    assert snapshot_read(factory.folder(table), columns_of(table), 1).total() == 9


def test_a_retired_table_keeps_its_files_for_the_life_time_of_an_address(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    (table,) = factory.share(factory.release(sample(3)), day=0)
    sharing = factory.sharing
    sharing.retire(sharing.tables("permits"), factory.at(1))
    sharing.sweep(factory.at(1, hours=23))
    assert files(factory, table)
    sharing.sweep(factory.at(2, hours=1))
    assert not factory.folder(table).exists()
    assert factory.stored(table).emptied


def test_a_withdrawn_dataset_leaves_no_file(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    source = factory.release(sample(3))
    (old,) = factory.share(source)
    (table,) = factory.share(source, type(factory.policy)("permits", ("编号",)))
    factory.sharing.withdraw("permits", factory.at(3))
    assert factory.sharing.left_of("permits") == []
    assert not factory.folder(table).exists() and not factory.folder(old).exists()
