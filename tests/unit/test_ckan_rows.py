"""Rows of a release and of a DataStore are equal exactly where their values are, in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.handover import Changes, Form, Publication, Release
from pipelines.targets.ckan import plugin_rows
from pipelines.targets.ckan.errors import Invalid
from pipelines.targets.ckan.release_rows import ReleaseRows, open_release
from pipelines.targets.ckan.row_tables import SHOWN, checksum, define, read_csv
from resource_catalog.errors import OutsideError
from resource_catalog.table_schema import parse_table_schema
from tests.release_factory import csv_bytes, make_agency, make_entry

FIELDS: list[dict[str, Any]] = [
    {"name": "代码", "type": "string"},
    {"name": "金额", "type": "number"},
    {"name": "时间", "type": "datetime"},
    {"name": "是否", "type": "boolean"},
]
ROWS = (("001", "1.50", "2026-01-01T00:00:00Z", "true"), ("002", "", "", ""))


def _publication(
    folder: Path, rows: Sequence[Sequence[str]], fields: Sequence[dict[str, Any]] = FIELDS, **schema: Any
) -> tuple[Release, Publication]:
    (folder / "data").mkdir(parents=True)
    content = csv_bytes([field["name"] for field in fields], rows)
    (folder / "data" / "t.csv").write_bytes(content)
    sums = f"{hashlib.sha256(content).hexdigest()}  data/t.csv\n".encode()
    (folder / "SHA256SUMS").write_bytes(sums)
    parsed = parse_table_schema({"fields": list(fields), **schema}, "test")
    release = Release("t", 1, folder, f"sha256:{hashlib.sha256(sums).hexdigest()}", {}, len(rows), Changes())
    return release, Publication(make_entry("t"), make_agency(), parsed, Form.RELEASE, release)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[ReleaseRows]:
    release, publication = _publication(tmp_path, ROWS, primaryKey="代码")
    with open_release(release, publication) as rows:
        yield rows


def _shown(opened: ReleaseRows, text: str) -> bool:
    """Whether a DataStore that answers this CSV has the release's rows."""
    page = opened.folder / "page.csv"
    page.write_text(text, encoding="utf-8")
    kinds = {"_number": "BIGINT"} | dict.fromkeys((column.id for column in opened.table.columns), "VARCHAR")
    define(opened.connection, SHOWN, opened.table, read_csv(page, kinds, header=False))
    return checksum(opened.connection, SHOWN, opened.table) == opened.checksum


FIRST, SECOND = "1,001,1.50,2026-01-01T00:00:00.000,t\n", "2,002,,,\n"


@pytest.mark.parametrize(
    "text",
    [
        FIRST + SECOND,
        SECOND.replace("2,", "7,", 1) + FIRST,
        "1,001,1.5,2026-01-01T00:00:00.000,true\n" + SECOND,
        "1,001,15e-1,2026-01-01 00:00:00,t\n" + SECOND,
    ],
)
def test_equal_values_are_equal_rows(opened: ReleaseRows, text: str) -> None:
    assert _shown(opened, text)


@pytest.mark.parametrize(
    "text",
    [
        FIRST,
        FIRST + SECOND + SECOND,
        FIRST.replace("001", "1") + SECOND,
        FIRST.replace("1.50", "1.501") + SECOND,
        FIRST.replace(",t", ",f") + SECOND,
        FIRST + SECOND.replace("002", '""'),
        FIRST.replace("00:00:00", "00:00:01") + SECOND,
    ],
)
def test_any_other_value_is_another_row(opened: ReleaseRows, text: str) -> None:
    assert not _shown(opened, text)


def test_empty_text_and_no_value_are_two_things(tmp_path: Path) -> None:
    release, publication = _publication(tmp_path, (("", "1", "-", "-"),), missingValues=["-"])
    with open_release(release, publication) as rows:
        assert rows.as_upload().path.read_text("utf-8").splitlines()[1].startswith('""')


def test_a_release_s_own_file_is_sent_as_it_is(tmp_path: Path) -> None:
    fields = [{"name": "名" * 30, "type": "string"}, {"name": "时间", "type": "datetime"}]
    release, publication = _publication(tmp_path, (("", "2026-01-01T00:00:00Z"),), fields)
    with open_release(release, publication) as rows:
        sent = rows.as_upload()
        assert sent.path == release.folder / "data" / f"{release.dataset}.csv"
        assert sent.header == ["名" * 30, "时间"]
        assert [column.id for column in rows.table.columns] != sent.header


def test_a_file_made_for_the_upload_has_every_digit_and_no_zone(opened: ReleaseRows) -> None:
    made = replace(opened, release=None).as_upload()
    assert made.header == [column.id for column in opened.table.columns]
    assert made.path.read_text("utf-8").splitlines() == [
        "代码,金额,时间,是否",
        "001,1.50,2026-01-01T00:00:00,true",
        "002,,,",
    ]


def test_a_key_without_a_value_is_refused(tmp_path: Path) -> None:
    release, publication = _publication(tmp_path, (("", "1", "", ""),), primaryKey="代码")
    with open_release(release, publication) as rows, pytest.raises(OutsideError, match="1 rows have no value in 代码"):
        rows.refuse_missing_keys()


def test_a_table_is_read_in_a_fifth_of_a_run_s_memory_though_a_cell_may_be_long(tmp_path: Path) -> None:
    """All of a run's work shares 700 MB; a line may have 16 MiB."""
    long = "长" * 5_000_000
    (file := tmp_path / "rows.csv").write_text(f"1,{long}\n2,短\n", encoding="utf-8")
    rows = read_csv(file, {"_id": "BIGINT", "text": "VARCHAR"}, header=False)
    with duckdb.connect(config={"memory_limit": "150MB"}) as connection:
        assert connection.execute(f"SELECT sum(length(text)) FROM {rows}").fetchall() == [(5_000_001,)]


class Refusing:
    """A portal that takes no row of a load, and says so in its own words."""

    def settle(self, write: Any, find: Any) -> Any:
        raise Invalid("null value in column 1 of relation x", where="http://portal.invalid", fix="see there")


def test_a_first_load_says_in_our_words_which_key_has_no_value(tmp_path: Path) -> None:
    release, publication = _publication(tmp_path, (("", "1", "", ""),), primaryKey="代码")
    portal: Any = Refusing()
    with open_release(release, publication) as rows, pytest.raises(OutsideError) as caught:
        plugin_rows.load(portal, "a-resource", rows)
    assert caught.value.what == "1 rows have no value in 代码, which is part of the primary key"
    assert caught.value.where.endswith("t.csv")


def test_a_first_load_that_is_refused_for_another_reason_says_that(tmp_path: Path) -> None:
    release, publication = _publication(tmp_path, ROWS, primaryKey="代码")
    portal: Any = Refusing()
    with open_release(release, publication) as rows, pytest.raises(Invalid, match="null value in column 1"):
        plugin_rows.load(portal, "a-resource", rows)


def test_columns_may_be_named_as_anything(tmp_path: Path) -> None:
    names = ("number", "key", "copy", "hash", "digest")
    fields = [{"name": name, "type": "integer" if name == "number" else "string"} for name in names]
    rows = (("7", "b", "c", "d", "e"), ("5", "g", "h", "i", "j"))
    release, publication = _publication(tmp_path, rows, fields, primaryKey="key")
    with open_release(release, publication) as opened:
        assert replace(opened, release=None).as_upload().path.read_text("utf-8").splitlines()[1:] == [
            ",".join(row) for row in rows
        ]
