"""The committed samples are what their script writes, and satisfy the schemas and the check characters they claim."""

from __future__ import annotations

import csv
import datetime
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from frictionless import Package, Resource, Schema

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.samples.generate import generate
from resource_catalog.samples.words import read_words
from resource_catalog.samples.working_days import add_working_days, is_working_day
from resource_catalog.table_schema import read_table_schema

REPOSITORY = Path(__file__).parents[2]
WORKSPACES = (REPOSITORY, REPOSITORY / "tests" / "workspaces" / "library-board")
SAMPLES = REPOSITORY / "resource_catalog" / "samples"
LICENCES = SAMPLES / "administrative-licences.csv"

#: The 18 columns of the 2015 standard's permit table (standards.md 4, edition A).
EDITION_2015 = (
    "XK_WSH XK_XMMC XK_SPLB XK_NR XK_XDR XK_XDR_SHXYM XK_XDR_ZDM XK_XDR_GSDJ XK_XDR_SWDJ XK_XDR_SFZ XK_FR XK_JDRQ "
    "XK_JZQ XK_XZJG XK_ZT DFBM SJC BZ"
)


def _rows(path: Path, encoding: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def _licences() -> list[dict[str, str]]:
    return _rows(LICENCES, "gb18030")


def _cells(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def _powers(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT * FROM power_list ORDER BY power_code").fetchall()


def _schema(workspace: Path, name: str) -> Schema:
    return Schema.from_descriptor(json.loads((workspace / "schemas" / f"{name}.schema.json").read_text("utf-8")))


def _entries(workspace: Path) -> list[Entry]:
    paths = sorted((workspace / "resource_catalog" / "entries").glob("*.yaml"))
    return [Entry.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in paths]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    generate(folder, read_words(SAMPLES / "words.json"))
    return folder


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("administrative-licences.csv", Path.read_bytes),
        ("complaint-handling.csv", Path.read_bytes),
        ("division-codes.csv", Path.read_bytes),
        ("sampling-inspections.xlsx", _cells),
        ("power-list.sqlite", _powers),
    ],
)
def test_the_script_reproduces_the_committed_file(written: Path, name: str, read: Callable[[Path], Any]) -> None:
    assert read(written / name) == read(SAMPLES / name)


def test_every_sample_is_compared() -> None:
    """A sixth sample must be added to the test above."""
    assert len({path.name for path in SAMPLES.iterdir() if path.suffix in {".csv", ".xlsx", ".sqlite"}}) == 5


def test_the_workbook_carries_no_moment_of_its_making(written: Path, tmp_path: Path) -> None:
    generate(tmp_path, read_words(SAMPLES / "words.json"))
    name = "sampling-inspections.xlsx"
    assert (tmp_path / name).read_bytes() == (written / name).read_bytes()


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_entries_fit_their_agency(workspace: Path) -> None:
    agency = Agency.model_validate(yaml.safe_load((workspace / "resource_catalog" / "agency.yaml").read_text("utf-8")))
    entries = _entries(workspace)
    codes = [entry.code for entry in entries]
    assert len(set(codes)) == len(codes) >= 4
    assert all(re.search(agency.code_pattern, code) for code in codes)
    assert {code for entry in entries for code in entry.related} <= set(codes)
    assert {entry.theme for entry in entries} <= set(agency.themes)
    assert set(agency.theme_uris) <= set(agency.themes)


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_schemas_are_read_alike_by_us_and_by_stock_frictionless(workspace: Path) -> None:
    for entry in _entries(workspace):
        schema = read_table_schema(workspace / "schemas" / f"{entry.schema_id}.schema.json")
        stock = _schema(workspace, entry.schema_id)
        assert tuple(stock.field_names) == schema.names
        assert tuple(stock.primary_key) == schema.primary_key != ()
        assert all(field.title and field.description for field in schema.fields)


def test_licences_have_the_columns_of_the_2015_standard_in_order() -> None:
    names = read_table_schema(REPOSITORY / "schemas" / "administrative-licences.schema.json").names
    assert " ".join(names) == EDITION_2015
    assert ",".join(names) == LICENCES.read_text("gb18030").splitlines()[0]


def test_what_is_personal_leaves_in_no_form() -> None:
    schema = read_table_schema(REPOSITORY / "schemas" / "administrative-licences.schema.json")
    assert {field.name: field.disclosure for field in schema.fields if field.disclosure != "open"} == {
        "XK_XDR_SWDJ": "share",
        "XK_XDR_SFZ": "never",
    }


# --- every row under its schema --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ending", "rows", "options"),
    [
        ("administrative-licences", "csv", 2000, {"encoding": "gb18030"}),
        ("complaint-handling", "csv", 200, {"encoding": "utf-8-sig"}),
        ("division-codes", "csv", 7384, {"encoding": "utf-8"}),
        ("sampling-inspections", "xlsx", 300, {"dialect": {"headerRows": [2]}}),
    ],
)
def test_rows_are_valid_under_stock_frictionless(name: str, ending: str, rows: int, options: dict[str, Any]) -> None:
    descriptor = {
        "name": name,
        "path": f"{name}.{ending}",
        "schema": _schema(REPOSITORY, name).to_descriptor(),
        **options,
    }
    report = Resource.from_descriptor(descriptor, basepath=str(SAMPLES)).validate()
    assert report.flatten(["rowNumber", "fieldName", "type"]) == []
    assert report.tasks[0].stats["rows"] == rows


def test_powers_are_valid_under_stock_frictionless() -> None:
    schema = _schema(REPOSITORY, "power-list")
    powers = _powers(SAMPLES / "power-list.sqlite")
    report = Resource(name="power-list", data=[schema.field_names, *powers], schema=schema).validate()
    assert report.flatten(["rowNumber", "fieldName", "type"]) == []
    assert len({power[1] for power in powers}) == len(powers) == 250


def test_the_foreign_workspace_is_valid_under_stock_frictionless() -> None:
    workspace = WORKSPACES[1]
    samples = workspace / "resource_catalog" / "samples"
    semicolons = {"csv": {"delimiter": ";"}}
    sources: dict[str, dict[str, Any]] = {
        "branches": {"path": "branches.csv", "dialect": semicolons},
        # Stock frictionless reads JSON Lines only with an extra; the rows are what is to be shown valid.
        "loans": {"data": [json.loads(line) for line in (samples / "loans.jsonl").read_text("utf-8").splitlines()]},
        "reader-survey": {"path": "reader-survey.csv", "dialect": semicolons},
    }
    resources = [
        {"name": name, "schema": _schema(workspace, name).to_descriptor(), **source} for name, source in sources.items()
    ]
    report = Package.from_descriptor({"resources": resources}, basepath=str(samples)).validate()
    assert report.flatten(["taskNumber", "rowNumber", "fieldName", "type"]) == []
    assert [task.stats["rows"] for task in report.tasks] == [12, 40, 30]


# --- what makes the samples hard -------------------------------------------------------------------------------------


def test_licences_need_gb18030() -> None:
    with pytest.raises(UnicodeDecodeError):
        LICENCES.read_bytes().decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        LICENCES.read_bytes().decode("utf-8")


def test_licences_hold_what_careless_readers_lose() -> None:
    rows = _licences()
    assert any("\n" in row["XK_NR"] and '"' in row["XK_NR"] and "," in row["XK_NR"] for row in rows)
    assert any(row["XK_WSH"].startswith("0000") and len(row["XK_WSH"]) == 20 for row in rows)
    assert any(ord(character) > 0xFFFF for row in rows for character in row["XK_XDR"])
    assert len({row["XK_WSH"] for row in rows}) < len(rows), "no decision names two parties"
    assert {row["XK_ZT"] for row in rows} == set("0123")


def test_decisions_fall_on_working_days_and_are_published_in_time() -> None:
    for row in _licences():
        decided, ends, stamped = (_day(row[name]) for name in ("XK_JDRQ", "XK_JZQ", "SJC"))
        assert is_working_day(decided)
        assert decided <= ends
        assert decided <= stamped <= add_working_days(decided, 7)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [("2015-04-30", 1, "2015-05-04"), ("2016-12-30", 1, "2017-01-03"), ("2017-07-03", 7, "2017-07-12")],
)
def test_working_days_are_counted_from_the_next_day(start: str, count: int, end: str) -> None:
    day = datetime.date.fromisoformat
    assert add_working_days(day(start), count) == day(end)


def test_division_codes_hold_abolished_codes_with_their_span() -> None:
    """standards.md 3.8: 卢湾 –201012, 闸北 –201511, 南汇 –200812, 崇明县 –201606, 崇明区 201607–."""
    spans = {
        row["code"]: (row["first_revision"], row["last_revision"])
        for row in _rows(SAMPLES / "division-codes.csv", "utf-8")
        if row["code"] in {"310103", "310108", "310119", "310230", "310151", "310199"}
    }
    assert {code: span[1] for code, span in spans.items()} == {
        "310103": "2010-12",
        "310108": "2015-11",
        "310119": "2008-12",
        "310230": "2016-06",
        "310151": "2019-04",
    }
    assert spans["310151"][0] == "2016-07"


def test_a_division_codes_other_names_are_other_rows() -> None:
    rows = [row for row in _rows(SAMPLES / "division-codes.csv", "utf-8") if row["code"] == "210112"]
    assert [(row["name"], row["province"], row["prefecture"]) for row in rows] == [
        ("东陵区", "辽宁省", "沈阳市"),
        ("浑南区", "辽宁省", "沈阳市"),
    ]


def _day(slashed: str) -> datetime.date:
    return datetime.datetime.strptime(slashed, "%Y/%m/%d").date()
