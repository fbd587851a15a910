"""Our plugin is sent the rows that are new, changed, moved or gone, each with its place or its key, and no others."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.handover import Changes, Form, Publication, Release
from pipelines.targets.ckan.plugin_differences import differences
from pipelines.targets.ckan.release_rows import open_release
from resource_catalog.table_schema import parse_table_schema
from tests.release_factory import csv_bytes, make_agency, make_entry

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "区划", "type": "string"},
        {"name": "名称", "type": "string"},
        {"name": "序号", "type": "integer"},
        {"name": "金额", "type": "number"},
    ],
    "primaryKey": ["区划", "序号"],
}
HEADING = ["_id", "区划", "名称", "序号", "金额"]
ROWS = [[f"310{number % 2}", f"名{number}", f"{number}", "1.50"] for number in range(10)]


def _release(folder: Path, number: int, rows: Sequence[Sequence[str]], schema: dict[str, Any]) -> Release:
    (folder / "data").mkdir(parents=True)
    content = csv_bytes([field["name"] for field in schema["fields"]], rows)
    (folder / "data" / "t.csv").write_bytes(content)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  data/t.csv\n")
    digest = f"sha256:{hashlib.sha256((folder / 'SHA256SUMS').read_bytes()).hexdigest()}"
    return Release("t", number, folder, digest, {"resources": [{"schema": schema}]}, len(rows), Changes())


def _sent(folder: Path, after: Sequence[Sequence[str]], schema: dict[str, Any] = SCHEMA) -> list[list[str]] | None:
    """What is sent for rows after ROWS; None where all would be."""
    first, second = (_release(folder / str(one), one, rows, schema) for one, rows in ((1, ROWS), (2, after)))
    publication = Publication(
        make_entry("t"), make_agency(), parse_table_schema(schema, "test"), Form.RELEASE, second, (first, second)
    )
    with open_release(second, publication, first) as rows:
        found = differences(rows)
        return list(csv.reader(found.file.read_text("utf-8").splitlines())) if found else None


def _row(place: int, row: Sequence[str]) -> list[str]:
    return [str(place), *row]


NEW, CHANGED = ["3109", "新", "0", ""], ["3100", "改", "4", "1.50"]


@pytest.mark.parametrize(
    ("after", "sent"),
    [
        (ROWS, []),
        ([NEW, *ROWS], [_row(1, NEW)]),
        ([*ROWS[:4], CHANGED, *ROWS[5:]], [_row(5, CHANGED)]),
        ([*ROWS[:4], ["3109", *ROWS[4][1:]], *ROWS[5:]], [["", "3100", "", "4", ""], ["5", "3109", *ROWS[4][1:]]]),
        (ROWS[1:-1], [["", "3100", "", "0", ""], ["", "3101", "", "9", ""]]),
        # These PostgreSQL tells apart, though they are one number.
        ([*ROWS[:4], [*ROWS[4][:3], "1.5"], *ROWS[5:]], [["5", *ROWS[4][:3], "1.5"]]),
        # Rows are numbered in their order, so the one that stands before another now is sent.
        ([ROWS[1], ROWS[0], *ROWS[2:]], [_row(2, ROWS[0])]),
    ],
    ids=["nothing", "new", "changed", "another key", "gone", "written otherwise", "moved"],
)
def test_what_differs_is_sent(tmp_path: Path, after: list[list[str]], sent: list[list[str]]) -> None:
    found = _sent(tmp_path, after)
    assert found is not None
    assert found[0] == HEADING
    assert sorted(found[1:]) == sorted(sent)


def test_rows_are_sent_whole_where_more_than_half_differ(tmp_path: Path) -> None:
    assert len(_sent(tmp_path / "half", [*ROWS[:5], *([*row[:3], "2"] for row in ROWS[5:])]) or []) == 6
    assert _sent(tmp_path / "more", [*ROWS[:4], *([*row[:3], "2"] for row in ROWS[4:])]) is None


def test_rows_that_no_key_names_are_sent_whole(tmp_path: Path) -> None:
    assert _sent(tmp_path, ROWS, {"fields": SCHEMA["fields"]}) is None


def test_rows_are_sent_whole_where_those_before_are_unknown(tmp_path: Path) -> None:
    release = _release(tmp_path, 1, ROWS, SCHEMA)
    schema = parse_table_schema(SCHEMA, "test")
    publication = Publication(make_entry("t"), make_agency(), schema, Form.RELEASE, release)
    with open_release(release, publication) as rows:
        assert differences(rows) is None
