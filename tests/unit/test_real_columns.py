"""The self-check holds the real columns of each kind of source against the catalogue's items."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.commands import real_columns
from pipelines.commands.real_columns import ColumnComparison, compare_columns
from pipelines.commands.run import open_run
from pipelines.reporting.progress import Progress
from tests.catalogue_factory import make_workspace, write_schema

TITLES = {"port": "港口", "height": "潮高", "seen_on": "观测日期"}
SCHEMA = {
    "fields": [
        {"name": "port", "title": "港口", "type": "string"},
        {"name": "height", "title": "潮高", "type": "number"},
        {"name": "seen_on", "title": "观测日期", "type": "date"},
    ]
}
ROW = ["东港", "3.5", "2017-05-18"]
DATABASES = {"main": {"kind": "sqlite", "path": "samples/tides.sqlite"}}
SAMPLES = "resource_catalog/samples"


def write_csv(root: Path, headings: Sequence[str], rows: int = 3) -> dict[str, Any]:
    lines = [",".join(headings), *[",".join([*ROW, "x"][: len(headings)])] * rows]
    (root / SAMPLES / "tides.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"path": "samples/tides.csv"}


def write_xlsx(root: Path, headings: Sequence[str]) -> dict[str, Any]:
    book = openpyxl.Workbook()
    book.worksheets[0].append(list(headings))
    book.worksheets[0].append([*ROW, "x"][: len(headings)])
    book.save(root / SAMPLES / "tides.xlsx")
    return {"path": "samples/tides.xlsx"}


def write_json(root: Path, headings: Sequence[str]) -> dict[str, Any]:
    record = dict(zip(headings, [*ROW, "x"], strict=False))
    (root / SAMPLES / "tides.json").write_text(json.dumps([{}, record]), encoding="utf-8")
    return {"path": "samples/tides.json"}


def write_json_lines(root: Path, headings: Sequence[str]) -> dict[str, Any]:
    record = json.dumps(dict(zip(headings, [*ROW, "x"], strict=False)))
    (root / SAMPLES / "tides.jsonl").write_text("{}\n" * 100 + record + "\n", encoding="utf-8")
    return {"path": "samples/tides.jsonl"}


def write_parquet(root: Path, headings: Sequence[str]) -> dict[str, Any]:
    columns = ", ".join(f"'{value}' AS \"{name}\"" for name, value in zip(headings, [*ROW, "x"], strict=False))
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns}) TO '{root / SAMPLES / 'tides.parquet'}'")
    return {"path": "samples/tides.parquet"}


def write_sqlite(root: Path, headings: Sequence[str]) -> dict[str, Any]:
    names = ", ".join(f'"{name}" TEXT' for name in headings)
    with closing(sqlite3.connect(root / SAMPLES / "tides.sqlite")) as database:
        database.execute(f"CREATE TABLE tides ({names})")
        database.commit()
    return {"database": "main", "table": "tides"}


WRITERS = (write_csv, write_xlsx, write_json, write_json_lines, write_parquet, write_sqlite)


def compared(root: Path, source: dict[str, Any], *, thorough: bool = False) -> ColumnComparison:
    """The comparison of a workspace whose entry has this source; what lies in `root` already stays."""
    entry = root / "resource_catalog" / "entries" / "tides.yaml"
    lines = entry.read_text(encoding="utf-8").replace("source: {}\n", f"source: {json.dumps(source)}\n")
    entry.write_text(lines, encoding="utf-8")
    with Progress(quiet=True) as progress:
        run = open_run(root, root / "home", progress, root / "work")
        return compare_columns(run, thorough=thorough)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    workspace = make_workspace(tmp_path / "workspace", {"source": {}}, databases=DATABASES)
    write_schema(workspace, "tides", SCHEMA)
    return workspace.root


def named(comparison: ColumnComparison) -> list[tuple[str, str]]:
    return [(fault.rule, fault.subject) for fault in comparison.faults]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("headings", [list(TITLES), list(TITLES.values())])
def test_the_right_columns_are_no_fault(root: Path, write: Any, headings: list[str]) -> None:
    comparison = compared(root, write(root, headings))
    assert (comparison.faults, comparison.not_compared) == ((), {})


@pytest.mark.parametrize("write", WRITERS)
def test_missing_extra_and_renamed_columns_are_told(root: Path, write: Any) -> None:
    comparison = compared(root, write(root, ["port", "观测日", "weather"]))
    assert named(comparison) == [
        ("item-missing", "field.height"),
        ("item-renamed", "field.seen_on"),
        ("item-extra", "heading.weather"),
    ]
    lines = (root / "resource_catalog/entries/tides.yaml").read_text(encoding="utf-8").splitlines()
    for fault in comparison.faults:
        assert (fault.severity, fault.owner, fault.entry) == ("must", "观测处", "tides")
        assert fault.line is not None
        assert lines[fault.line - 1].startswith("source:")


def test_the_fix_of_a_renamed_column_is_a_line_for_the_entry(root: Path) -> None:
    source = write_csv(root, ["port", "height", "观测日"])
    (fault,) = compared(root, source).faults
    assert "观测日: seen_on" in fault.fix


def test_the_fix_mends_it(root: Path) -> None:
    source = {**write_csv(root, ["port", "height", "观测日"]), "columns": {"观测日": "seen_on"}}
    assert compared(root, source).faults == ()


def test_of_a_long_file_the_beginning_is_read(root: Path) -> None:
    """What is broken further down is for `opendata check`; a row that the cut goes through is not taken for broken."""
    source = write_csv(root, list(TITLES), rows=20_000)
    with (root / SAMPLES / "tides.csv").open("a", encoding="utf-8") as file:
        file.write('"never closed')
    assert compared(root, source).faults == ()


def test_a_quoted_line_break_at_the_cut_is_no_fault(root: Path) -> None:
    cell = '"' + "长\n" * 100_000 + '"'
    text = f"port,height,seen_on\n东港,3.5,2017-05-18\n{cell},3.5,2017-05-18\n"
    (root / SAMPLES / "tides.csv").write_text(text, encoding="utf-8")
    assert compared(root, {"path": "samples/tides.csv"}).faults == ()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_long_file_in_another_encoding(root: Path, encoding: str) -> None:
    lines = [",".join(TITLES.values()), *[",".join(ROW)] * 20_000]
    (root / SAMPLES / "tides.csv").write_bytes("\n".join(lines).encode(encoding))
    assert compared(root, {"path": "samples/tides.csv"}).faults == ()


@pytest.mark.parametrize(
    ("select", "subjects"),
    [
        ("1 AS port, 3.5::DOUBLE AS height, DATE '2017-05-18' AS seen_on", ["field.port"]),
        ("'1' AS port, DATE '2017-05-18' AS height, 42873 AS seen_on", ["field.height", "field.seen_on"]),
        ("'1' AS port, true AS height, '2017-05-18' AS seen_on", ["field.height"]),
        ("'1' AS port, 3 AS height, TIMESTAMP '2017-05-18 00:00:00' AS seen_on", []),
    ],
)
def test_types_that_cannot_mean_the_same_are_told(root: Path, select: str, subjects: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {select}) TO '{root / SAMPLES / 'tides.parquet'}'")
    comparison = compared(root, {"path": "samples/tides.parquet"})
    assert named(comparison) == [("item-type-clash", subject) for subject in subjects]


def test_the_types_of_sqlite_are_those_of_its_values(root: Path) -> None:
    with closing(sqlite3.connect(root / SAMPLES / "tides.sqlite")) as database:
        database.execute("CREATE TABLE tides (port INTEGER, height TEXT, seen_on)")
        database.execute("INSERT INTO tides VALUES (7, '3.5', 42873)")
        database.commit()
    comparison = compared(root, {"database": "main", "table": "tides"})
    assert named(comparison) == [("item-type-clash", "field.port"), ("item-type-clash", "field.seen_on")]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["50万元", "￥1,234.50元", "3 万元"], True),
        (["50万元", "", "60万元", "70万元"], True),
        (["50万元", "60万元"], False),  # too few to tell
        (["50万元", "60", "70万元"], False),
        (["3年", "2年", "1年"], False),  # a term, no measure
        (["2017年5月18日", "2017年5月18日", "2017年5月18日"], False),
    ],
)
def test_units_in_the_values_are_told_without_the_values(root: Path, cells: list[str], told: bool) -> None:
    rows = "".join(f'东港,"{cell}",2017-05-18\n' for cell in cells)
    (root / SAMPLES / "tides.csv").write_text(f"port,height,seen_on\n{rows}", encoding="utf-8")
    comparison = compared(root, {"path": "samples/tides.csv"})
    assert named(comparison) == ([("unit-in-values", "field.height")] if told else [])
    assert not any("1,234" in fault.message for fault in comparison.faults)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tides.csv", b"port,height,height\n1,2,3\n"),
        ("tides.csv", b""),
        ("tides.csv", b"port,\xff\xff,seen_on\n"),
        ("tides.csv", "港口,潮高,潮高,观测日期\n".encode()),
        ("tides.xlsx", b"no workbook"),
        ("tides.json", b"{"),
        ("tides.parquet", b"PAR1"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_fault(root: Path, name: str, content: bytes) -> None:
    (root / SAMPLES / name).write_bytes(content)
    comparison = compared(root, {"path": f"samples/{name}"})
    assert [(fault.rule, fault.severity, fault.entry) for fault in comparison.faults] == [
        ("source-unreadable", "must", "tides")
    ]


def test_what_takes_long_is_named_and_read_only_if_asked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_columns, "_MOST_BYTES", 10)
    source = write_xlsx(root, ["port", "height"])
    comparison = compared(root, source)
    assert (comparison.faults, list(comparison.not_compared)) == ((), ["tides"])
    comparison = compared(root, source, thorough=True)
    assert (named(comparison), comparison.not_compared) == ([("item-missing", "field.seen_on")], {})


def test_a_server_that_does_not_answer_is_named(root: Path) -> None:
    agency = root / "resource_catalog" / "agency.yaml"
    with agency.open("a", encoding="utf-8") as file:
        file.write("web_hosts: ['127.0.0.1:9']\n")
    source = {"url": "http://127.0.0.1:9/tides.csv"}
    for thorough in (False, True):
        comparison = compared(root, source, thorough=thorough)
        assert (comparison.faults, list(comparison.not_compared)) == ((), ["tides"])


def test_a_file_that_the_disk_refuses_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(real_columns, "source_file", refuse)
    comparison = compared(root, {"path": "samples/tides.csv"})
    assert (comparison.faults, list(comparison.not_compared)) == ((), ["tides"])


def test_a_missing_source_is_left_to_its_own_rule(root: Path) -> None:
    comparison = compared(root, {"path": "samples/none.csv"})
    assert (comparison.faults, list(comparison.not_compared)) == ((), ["tides"])
