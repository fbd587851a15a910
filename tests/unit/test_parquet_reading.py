"""Parquet columns of every type arrive as text without loss, in the file's own order."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.columnar import read_parquet
from pipelines.sources.reading import Reading, UnreadableError
from quality.table import EXTRACT
from resource_catalog.entry import Source

Read = Callable[[], tuple[Reading, list[tuple[Any, ...]]]]
MOMENT = datetime.datetime(2017, 5, 18, 1, 2, 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.parquet"


@pytest.fixture
def connection(tmp_path: Path, file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(tmp_path / "work" / "work.duckdb", files=[file]) as opened:
        yield opened


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection, file: Path) -> Read:
    def read() -> tuple[Reading, list[tuple[Any, ...]]]:
        reading = read_parquet(connection, file, Source(path=file.name))
        return reading, connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()

    return read


@pytest.fixture(autouse=True)
def work_folder(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir(exist_ok=True)


CASES: list[tuple[pa.DataType, Any, str]] = [
    (pa.int64(), 2**53 + 1, "9007199254740993"),
    (pa.uint64(), 2**64 - 1, "18446744073709551615"),
    (pa.float32(), 0.1, "0.1"),
    (pa.float64(), 0.1, "0.1"),
    (pa.float64(), float("nan"), "nan"),
    (pa.float64(), float("-inf"), "-inf"),
    (
        pa.decimal128(38, 8),
        Decimal("123456789012345678901234567890.12345678"),
        "123456789012345678901234567890.12345678",
    ),
    (pa.decimal128(5, 2), Decimal("1.10"), "1.10"),
    (pa.bool_(), True, "true"),
    (pa.date32(), MOMENT.date(), "2017-05-18"),
    (pa.time64("us"), datetime.time(8, 30), "08:30:00"),
    (pa.timestamp("us"), MOMENT.replace(microsecond=123000), "2017-05-18T01:02:03.123"),
    (pa.timestamp("ns"), 1_495_069_323_123_456_789, "2017-05-18T01:02:03.123456789"),
    (pa.timestamp("ms", "Asia/Shanghai"), MOMENT.replace(tzinfo=datetime.UTC), "2017-05-18T01:02:03Z"),
    (pa.binary(), b"\x00\xff", "AP8="),
    (pa.list_(pa.int64()), [1, None], "[1,null]"),
    (pa.list_(pa.decimal128(38, 8)), [Decimal("1234567890123456789.5")], "[1234567890123456789.50000000]"),
    (pa.struct([("名", pa.string())]), {"名": 'x"y'}, '{"名":"x\\"y"}'),
    (pa.map_(pa.string(), pa.int64()), [("k", 1)], '{"k":1}'),
    (pa.string(), "007", "007"),
    (pa.string(), "", ""),
    (pa.dictionary(pa.int32(), pa.string()), "甲", "甲"),
]


@pytest.mark.parametrize(("kind", "value", "text"), CASES, ids=[str(kind) for kind, _, _ in CASES])
def test_each_type_is_spelt_without_loss(file: Path, read: Read, kind: pa.DataType, value: Any, text: str) -> None:
    pq.write_table(pa.table({"值": pa.array([value, None], kind)}), file)
    reading, rows = read()
    assert reading.headings == ("值",)
    assert rows == [(1, text), (2, None)]


def test_rows_keep_the_files_order(file: Path, read: Read) -> None:
    pq.write_table(pa.table({"n": list(range(50_000, 0, -1))}), file, row_group_size=7_000)
    reading, rows = read()
    assert reading.rows == 50_000
    assert all(int(text) == 50_001 - number for number, text in rows)


def test_nested_columns_do_not_shift_the_headings(file: Path, read: Read) -> None:
    inner = pa.list_(pa.struct([("c", pa.int64())]))
    nested = pa.array([{"b": [{"c": 1}], "d": 2}], pa.struct([("b", inner), ("d", pa.int64())]))
    pq.write_table(pa.table({"a": nested, "e": [3]}), file)
    reading, rows = read()
    assert (reading.headings, rows) == (("a", "e"), [(1, '{"b":[{"c":1}],"d":2}', "3")])


def test_a_table_without_rows_has_its_headings(file: Path, read: Read) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), file)
    reading, rows = read()
    assert (reading.headings, reading.rows, rows) == (("a",), 0, [])


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        (pa.table({"a": [1], "A": [2]}), "duplicate-heading"),
        (pa.table({" ": [1]}), "blank-heading"),
        (pa.table({"file_row_number": [1]}), "reserved-heading"),
        (pa.table({"__row__": [1]}), "reserved-heading"),
        (pa.table({"a": pa.array([Decimal(1)], pa.decimal256(60, 2))}), "not-this-format"),
        (pa.table({"a": ["x\x00y"]}), "control-character"),
    ],
)
def test_tables_that_cannot_be_published_are_refused(file: Path, read: Read, table: pa.Table, rule: str) -> None:
    pq.write_table(table, file)
    with pytest.raises(UnreadableError) as caught:
        read()
    assert [finding.rule for finding in caught.value.findings] == [rule]


@pytest.mark.parametrize(
    ("content", "rule"), [(b"", "empty-file"), (b"a,b\n", "not-this-format"), (b"PAR1xPAR1", "not-this-format")]
)
def test_other_and_damaged_files_are_refused(file: Path, read: Read, content: bytes, rule: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read()
    assert [finding.rule for finding in caught.value.findings] == [rule]


def test_a_truncated_file_is_refused(file: Path, read: Read) -> None:
    pq.write_table(pa.table({"a": list(range(1000))}), file)
    octets = bytearray(file.read_bytes())
    octets[4:200] = bytes(196)
    file.write_bytes(octets)
    with pytest.raises(UnreadableError) as caught:
        read()
    assert [finding.rule for finding in caught.value.findings] == ["not-this-format"]
    assert str(file.parent) not in caught.value.findings[0].message
