"""Shared tables: any sequence of releases is read back to the row, from the snapshot and from the changes alone."""

from __future__ import annotations

import datetime
import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.releases import CHANGE_TYPE
from pipelines.targets.sharing import layout
from pipelines.targets.sharing.delta_log import snapshot
from resource_catalog.sharing_policy import Policy
from tests.shared_tables import (
    DISTRICTS,
    KEYLESS,
    SCHEMA,
    ShareFactory,
    changes_read,
    check_shows,
    columns_of,
    sample,
    snapshot_read,
    under,
)

rows_without_key = st.tuples(
    st.sampled_from(DISTRICTS) | st.none(),
    st.integers(-(2**62), 2**62) | st.none(),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0) | st.none(),
    st.booleans() | st.none(),
    st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)) | st.none(),
    st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2200, 1, 1)) | st.none(),
)
tables = st.dictionaries(st.sampled_from([f"{number:03}" for number in range(12)]), rows_without_key, max_size=12)
POLICIES = (
    Policy("permits", SCHEMA.names),
    Policy("permits", SCHEMA.names, {"区": ("黄浦区", "")}),
    Policy("permits", ("区", "数量")),  # without the key: rows may stand there twice
    Policy("permits", ("编号", "决定日期"), {"有效": ("true",)}),
)


@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize("schema", [SCHEMA, KEYLESS], ids=["keyed", "keyless"])
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_releases_are_read_to_the_row(
    schema: Any, vectors: bool, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "CHEAP", 0)
    monkeypatch.setattr(layout, "MOST_GONE", 0.6)
    with tempfile.TemporaryDirectory() as folder:
        factory = ShareFactory(Path(folder), schema, vectors)
        for _release in range(data.draw(st.integers(2, 3))):
            rows = [(key, *row) for key, row in data.draw(tables).items()]
            if not schema.primary_key:
                rows += rows[: data.draw(st.integers(0, len(rows)))]
            factory.share(factory.release(rows), *POLICIES)
            for policy in POLICIES:
                check_shows(factory, policy, rows)


def test_a_release_far_behind_or_earlier_is_shown_as_well(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    sources = [factory.release(sample(count)) for count in (20, 25, 30, 10)]
    for position in (0, 3, 1):  # two releases are passed over, and an earlier one is put back
        factory.share(sources[position], day=10 + position)
        check_shows(factory, factory.policy, factory.releases[position][1])


def test_scattered_changes_of_a_large_file_are_marked_and_not_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = ShareFactory(tmp_path)
    (table,) = factory.share(factory.release(sample(2000)))
    rows = [(*row[:2], -1, *row[3:]) if position % 10 == 3 else row for position, row in enumerate(sample(2000))]
    (table,) = factory.share(factory.release(rows))
    first, *others = [one for one in table.files if one.kind == "data"]
    assert (first.first_version, first.last_version) == (0, None)
    assert [one.rows for one in others] == [200]
    log = snapshot(factory.folder(table))
    assert log is not None
    assert (log.protocol["minReaderVersion"], len(log.files[first.path].gone)) == (3, 200)
    assert json.loads(log.files[others[0].path].add["stats"]) == {"numRecords": 200}
    assert json.loads(log.files[first.path].add["stats"])["maxValues"]["编号"] == "1999"
    check_shows(factory, factory.policy, rows)


def test_without_vectors_a_table_stays_at_reader_version_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = ShareFactory(tmp_path, vectors=False)
    factory.share(factory.release(sample(100)))
    (table,) = factory.share(factory.release(sample(99)))
    log = snapshot(factory.folder(table))
    assert log is not None and log.protocol["minReaderVersion"] == 1
    assert not any(one.gone for one in log.files.values())


def test_only_inserts_write_one_file_and_no_change_data(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    factory.share(factory.release(sample(100)))
    (table,) = factory.share(factory.release(sample(103)))
    assert [(one.kind, one.rows) for one in table.files] == [("data", 100), ("data", 3)]
    assert Counter(kind for _, kind, _ in changes_read(factory.folder(table), columns_of(table), 1, 1)) == {"insert": 3}


def test_the_four_kinds_of_change(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    rows = sample(4)
    factory.share(factory.release(rows))
    after = [(*rows[0][:2], 99, *rows[0][3:]), *rows[2:], *sample(5)[4:]]
    (table,) = factory.share(factory.release(after))
    kinds = Counter(kind for _, kind, _ in changes_read(factory.folder(table), columns_of(table), 1, 1))
    assert kinds == {"update_preimage": 1, "update_postimage": 1, "delete": 1, "insert": 1}
    assert table.current is not None
    assert (table.current.added, table.current.changed, table.current.removed) == (1, 1, 1)


def test_a_row_that_leaves_the_conditions_is_a_delete_and_one_that_enters_an_insert(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    policy = Policy("permits", SCHEMA.names, {"区": ("黄浦区",)})
    rows = sample(4)  # by turns of 黄浦区 and 浦东新区
    factory.share(factory.release(rows), policy)
    moved = [(rows[0][0], "浦东新区", *rows[0][2:]), (rows[1][0], "黄浦区", *rows[1][2:]), *rows[2:]]
    (table,) = factory.share(factory.release(moved), policy)
    found = [(kind, row[0]) for _, kind, row in changes_read(factory.folder(table), columns_of(table), 1, 1)]
    assert sorted(found) == [("delete", "0000"), ("insert", "0001")]


@pytest.mark.parametrize("vectors", [True, False])
def test_no_byte_of_a_table_is_of_a_column_or_a_row_that_its_policy_never_showed(
    tmp_path: Path, vectors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S4: data, change data, statistics and log, of every version; rows come into the conditions and leave them."""
    monkeypatch.setattr(layout, "CHEAP", 0)
    factory = ShareFactory(tmp_path, vectors=vectors)
    policy = Policy("permits", ("编号", "区"), {"区": ("黄浦区",)})
    editions = [[(f"K{row[0]}", *row[1:]) for row in sample(40 + number)] for number in range(3)]
    for number, edition in enumerate(editions):
        edition[number] = (edition[number][0], DISTRICTS[(number + 1) % 2], *edition[number][2:])
        (table,) = factory.share(factory.release(edition), policy)
    shown = {row[0] for edition in editions for row in edition if row[1] == "黄浦区"}
    hidden = {row[0] for edition in editions for row in edition} - shown
    assert (len(shown), len(hidden)) == (22, 20)
    folder = factory.folder(table)
    found: set[str] = set()
    for file in folder.rglob("*.parquet"):
        rows = pyarrow.parquet.read_table(file)
        assert set(rows.column_names) <= {"编号", "区", CHANGE_TYPE}
        assert set(rows["区"].to_pylist()) <= {"黄浦区"}
        found |= set(rows["编号"].to_pylist())
    assert found == shown
    everything = b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    for text in (*hidden, "数量", "金额", "有效", "登记时刻", "浦东新区"):
        assert text.encode() not in everything


def test_a_table_has_no_partitions_and_plain_paths(tmp_path: Path) -> None:
    """Sharp edges 3 and 4: a client may rewrite `k=v/`, and deltalake can't read changes of Chinese partitions."""
    factory = ShareFactory(tmp_path)
    factory.share(factory.release(sample(9)))
    (table,) = factory.share(factory.release(sample(8)))
    log = snapshot(factory.folder(table))
    assert log is not None
    assert log.metadata["partitionColumns"] == []
    assert all(one.add["partitionValues"] == {} for one in log.files.values())
    assert all(re.fullmatch(r"(_change_data/)?v\d{8}-[0-9a-f]{24}\.parquet", one.path) for one in table.files)


def test_an_empty_table_is_read_and_filled(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    for rows in ([], sample(2), []):
        factory.share(factory.release(rows))
        check_shows(factory, factory.policy, rows)


def test_equal_policies_share_one_table_and_a_shown_release_is_no_work(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    source = factory.release(sample(3))
    turned = Policy("permits", tuple(reversed(SCHEMA.names)))
    (table,) = factory.share(source)
    (again,) = factory.share(source, turned, day=9)
    assert (again.id, again.current_version) == (table.id, 0)


def test_a_tightened_policy_is_a_new_table_and_the_old_one_is_retired(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    source = factory.release(sample(3))
    (wide,) = factory.share(source)
    tight = Policy("permits", ("编号", "区"))
    (table,) = factory.share(source, tight, day=5)
    assert table.id != wide.id
    assert factory.stored(wide).retired_at == "2026-11-29T00:00:00Z"
    assert [one.id for one in factory.sharing.tables("permits")] == [table.id]


def test_new_columns_come_into_the_table_that_all_of_its_readers_have(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    narrow = Policy("permits", ("编号", "区"))
    source = factory.release(sample(3))
    (table,) = factory.share(source, narrow)
    (wider,) = factory.share(factory.release(sample(4)), factory.policy)
    assert (wider.id, wider.current_version) == (table.id, 1)
    assert snapshot_read(factory.folder(wider), columns_of(wider)) == under(factory.policy, sample(4))
    assert snapshot_read(factory.folder(wider), ["编号", "区"], 0) == under(narrow, sample(3))


def test_a_column_of_another_type_is_a_new_table(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    (table,) = factory.share(factory.release(sample(2)))
    fields = [{**one.model_dump(by_alias=True, exclude_defaults=True)} for one in SCHEMA.fields]
    fields[2]["type"] = "string"
    factory.schema = type(SCHEMA).model_validate({"fields": fields, "primaryKey": ["编号"]})
    texts = [(*row[:2], f"{row[2]:03}", *row[3:]) for row in sample(2)]
    factory.releases[0] = (factory.releases[0][0], texts)  # changes are told in the columns of today
    (other,) = factory.share(factory.release(texts))
    assert other.id != table.id
    assert [one.type for one in other.columns][2] == "string"


def test_metadata_names_the_dataset_and_explains_each_column(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    (table,) = factory.share(factory.release(sample(1)))
    log = snapshot(factory.folder(table))
    assert log is not None
    assert (log.metadata["id"], log.metadata["name"]) == (table.id, "permits")
    assert log.metadata["description"].startswith("行政许可信息\n")
    fields = {one["name"]: one for one in json.loads(log.metadata["schemaString"])["fields"]}
    assert fields["编号"]["metadata"]["comment"] == "许可编号"
    assert fields["金额"]["metadata"]["comment"] == "单位：元"
    assert {name: one["type"] for name, one in fields.items()} == {
        "编号": "string", "区": "string", "数量": "long", "金额": "double", "有效": "boolean", "决定日期": "date",
        "登记时刻": "timestamp",
    }  # fmt: skip
