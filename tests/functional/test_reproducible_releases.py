"""The same input gives the same bytes on any day and machine, and all formats of a release hold the same table."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pyarrow.parquet
import pytest

from pipelines.formats import xlsx
from tests.workspace_factory import (
    NEVER_CANARY,
    OPEN,
    SHARED_CANARY,
    TIDES,
    TODAY,
    WITHHELD_CANARY,
    PortOffice,
    contents,
    files_with,
    public_files_with,
    text_field,
)

ROOT = Path(__file__).parents[2]

ODDITIES: dict[str, Any] = {
    "fields": [
        text_field("id"),
        text_field("text"),
        {"name": "number", "type": "number"},
        {"name": "large", "type": "integer"},
        {"name": "day", "type": "date"},
        {"name": "moment", "type": "datetime"},
        {"name": "local", "type": "datetime"},
        {"name": "yes", "type": "boolean"},
        {"name": "year", "type": "year"},
        text_field("secret", disclosure="never"),
    ],
    "primaryKey": "id",
    "missingValues": ["NA"],
}
CELLS: tuple[tuple[str, ...], ...] = (
    ("001", "两行\n文字, 带\"引号\"", "1.50", "123456789012345678", "2017-02-28", "2017-02-28T08:00:00+08:00",
     "2017-02-28T08:00:00", "true", "2017", NEVER_CANARY),
    ("310000199001011234", "🚢 表情", "0.1234567890123456", "-5", "1899-12-31", "2017-02-28T00:00:00Z",
     "2017-02-28T23:59:59", "false", "0987", NEVER_CANARY),
    ("002", "", "NaN", "0", "NA", "NA", "NA", "NA", "NA", "NA"),
    ("003", "NA", "INF", "NA", "9999-12-31", "2017-02-28T08:00:00.123456+08:00", "2017-02-28T08:00:00", "true", "2017",
     "NA"),
    ("004", "=1+1", "12345678901234567", "7", "2017-01-01", "2017-01-01T00:00:00Z", "NA", "false", "2017", "NA"),
)  # fmt: skip


@pytest.fixture
def odd(office: PortOffice) -> PortOffice:
    """A workspace with one more dataset, of values that are easily spoilt."""
    office.add("oddities", "307002/000099", ODDITIES, title="怪值", source={"path": "samples/oddities.csv"})
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows([[field["name"] for field in ODDITIES["fields"]], *CELLS])
    (office.samples / "oddities.csv").write_text(stream.getvalue(), encoding="utf-8", newline="")
    return office


def publish_elsewhere(office: PortOffice, home: Path, processors: str, **environment: str) -> dict[str, bytes]:
    # DuckDB takes a thread for each processor that it may use.
    command = ["taskset", "--cpu-list", processors, sys.executable, "-m", "pipelines.cli", "publish"]
    run = subprocess.run(
        [*command, "--workspace", str(office.root), "--home", str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert run.returncode == 0, run.stderr
    return contents(home / "releases")


def test_two_machines_make_the_same_bytes(odd: PortOffice, tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    first = publish_elsewhere(
        odd, tmp_path / "one", "0", OPENDATA_TODAY=TODAY, PYTHONHASHSEED="1", TMPDIR=str(tmp_path / "here"), TZ="UTC"
    )
    second = publish_elsewhere(
        odd,
        tmp_path / "a longer name" / "two",
        f"0-{(os.cpu_count() or 1) - 1}",
        OPENDATA_TODAY="2031-03-03",
        PYTHONHASHSEED="2",
        TMPDIR=str(tmp_path / "there"),
        TZ="Asia/Shanghai",
        LC_ALL="C",
    )
    assert {f"{name}/1/datapackage.json" for name in (*OPEN, "oddities")} <= first.keys()
    assert first == second


def table_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_formats_hold_the_same_rows_and_columns(odd: PortOffice) -> None:
    odd.run("publish")
    for dataset in (*OPEN, "oddities"):
        folder = odd.release(dataset, 1) / "data"
        heading, *rows = table_of(folder / f"{dataset}.csv")
        lines = [json.loads(line) for line in (folder / f"{dataset}.jsonl").read_text("utf-8").splitlines()]
        parquet = pyarrow.parquet.read_table(folder / f"{dataset}.parquet")
        sheet = openpyxl.load_workbook(folder / f"{dataset}.xlsx")["data"]
        excel = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert heading == parquet.column_names == excel[0] == list(lines[0])
        assert len(rows) == parquet.num_rows == len(excel) - 1 == len(lines)
        key = heading[0]
        assert [str(line[key]) for line in lines] == [row[0] for row in rows]
        assert [str(value) for value in parquet[key].to_pylist()] == [row[0] for row in rows]
        assert [str(row[0]) for row in excel[1:]] == [row[0] for row in rows]


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


@pytest.fixture
def oddities(odd: PortOffice) -> dict[str, dict[str, dict[str, Any]]]:
    """The rows of the odd dataset by format and id."""
    assert odd.run("publish", "oddities").code == 0
    folder = odd.release("oddities", 1) / "data"
    heading, *rows = table_of(folder / "oddities.csv")
    sheet = openpyxl.load_workbook(folder / "oddities.xlsx")["data"]
    excel = [[cell.value for cell in row] for row in sheet.iter_rows()]
    lines = (folder / "oddities.jsonl").read_text("utf-8").splitlines()
    return {
        "csv": by_id([dict(zip(heading, row, strict=True)) for row in rows]),
        "jsonl": by_id([json.loads(line) for line in lines]),
        "parquet": by_id(pyarrow.parquet.read_table(folder / "oddities.parquet").to_pylist()),
        "xlsx": by_id([dict(zip(heading, row, strict=True)) for row in excel[1:]]),
    }


def test_codes_keep_their_zeros_and_digits_in_every_format(oddities: dict[str, dict[str, dict[str, Any]]]) -> None:
    for rows in oddities.values():
        assert set(rows) == {"001", "002", "003", "004", "310000199001011234"}
    assert oddities["csv"]["001"]["large"] == "123456789012345678"
    assert oddities["jsonl"]["001"]["large"] == 123456789012345678
    assert oddities["parquet"]["001"]["large"] == 123456789012345678
    assert oddities["xlsx"]["001"]["large"] == "123456789012345678"


def test_text_comes_through_as_it_was(oddities: dict[str, dict[str, dict[str, Any]]]) -> None:
    for rows in oddities.values():
        assert rows["001"]["text"] == '两行\n文字, 带"引号"'
        assert rows["310000199001011234"]["text"] == "🚢 表情"
        assert rows["004"]["text"] == "=1+1"


def test_missing_is_not_empty(oddities: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert (oddities["csv"]["002"]["text"], oddities["csv"]["003"]["text"]) == ("", "NA")
    for name in ("jsonl", "parquet"):
        assert (oddities[name]["002"]["text"], oddities[name]["003"]["text"]) == ("", None)
    assert oddities["parquet"]["002"]["day"] is None
    assert oddities["xlsx"]["002"]["yes"] is None


def test_numbers_keep_their_digits(oddities: dict[str, dict[str, dict[str, Any]]]) -> None:
    rows = oddities["csv"]
    assert [rows[key]["number"] for key in ("001", "002", "003", "004")] == ["1.50", "NaN", "INF", "12345678901234567"]
    assert rows["310000199001011234"]["number"] == "0.1234567890123456"
    assert math.isnan(oddities["parquet"]["002"]["number"])
    assert math.isinf(oddities["parquet"]["003"]["number"])
    assert oddities["jsonl"]["310000199001011234"]["number"] == 0.1234567890123456


def test_dates_and_moments(oddities: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert oddities["csv"]["001"]["day"] == "2017-02-28"
    for name in ("csv", "jsonl"):  # a moment with a zone is written in UTC, one without stays without
        assert oddities[name]["001"]["moment"] == "2017-02-28T00:00:00Z"
        assert oddities[name]["003"]["moment"] == "2017-02-28T00:00:00.123456Z"
        assert oddities[name]["001"]["local"] == "2017-02-28T08:00:00"
    assert oddities["parquet"]["310000199001011234"]["day"] == datetime.date(1899, 12, 31)
    moments = [oddities["parquet"][key]["moment"].replace(tzinfo=None) for key in ("001", "310000199001011234")]
    assert moments == [datetime.datetime(2017, 2, 28), datetime.datetime(2017, 2, 28)]  # noqa: DTZ001  UTC, both
    # Excel has no day before 1900, so the column is text there.
    assert oddities["xlsx"]["001"]["day"] == "2017-02-28"
    assert oddities["xlsx"]["310000199001011234"]["day"] == "1899-12-31"


def test_dates_are_dates_in_excel(published: PortOffice) -> None:
    sheet = openpyxl.load_workbook(published.release("ports", 1) / "data/ports.xlsx")["data"]
    cell = sheet["C2"]
    assert cell.is_date
    assert cell.value == datetime.datetime(1901, 5, 1)  # noqa: DTZ001  a day without a zone
    assert sheet["A2"].data_type in ("s", "inlineStr")
    assert sheet["C4"].value is None


@pytest.mark.parametrize("dataset", [*OPEN, "oddities"])
def test_stock_frictionless_finds_nothing_to_say(odd: PortOffice, dataset: str) -> None:
    odd.run("publish")
    report = frictionless.validate(str(odd.release(dataset, 1) / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldNumber", "type", "message"])
    assert report.stats["tasks"] >= 4


def test_stock_frictionless_checks_the_foreign_keys(published: PortOffice, tmp_path: Path) -> None:
    """The keys of the other dataset travel along, so that a row that points nowhere is found."""
    copy = tmp_path / "copy"
    for name, content in contents(published.release("tides", 1)).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(content)
    table = copy / "data/tides.csv"
    table.write_bytes(table.read_bytes().replace(b"010", b"777"))
    descriptor = json.loads((copy / "datapackage.json").read_bytes())
    for resource in descriptor["resources"]:
        resource.pop("hash")
    (copy / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    report = frictionless.validate(str(copy / "datapackage.json"))
    assert "foreign-key" in [error[0] for error in report.flatten(["type"])]


def test_reordered_source_with_a_key_makes_no_release(published: PortOffice) -> None:
    published.tides(TIDES[::-1])
    assert published.run("publish").verdicts["tides"] == "unchanged"


def test_no_closed_column_and_no_withheld_row_in_any_file(odd: PortOffice) -> None:
    odd.run("publish")
    assert public_files_with(odd.home, SHARED_CANARY) == []
    for canary in (NEVER_CANARY, WITHHELD_CANARY, "keeper_id"):
        assert files_with(odd.home, canary) == []


def test_keys_of_a_withheld_table_are_checked_and_stay_here(office: PortOffice) -> None:
    office.schema("crews", fields=[text_field("name")], primaryKey="name")
    key = {"fields": ["name"], "reference": {"resource": "crews", "fields": ["name"]}}
    office.schema("stations", foreignKeys=[key])
    assert office.run("publish").verdicts["stations"] == "blocked"
    fields = [{"name": "id", "type": "integer"}, text_field("port"), text_field("name", constraints={})]
    office.schema("stations", fields=fields, foreignKeys=[{**key, "fields": ["port"]}])
    (office.samples / "crews.csv").write_text(f"name\n001\n002\n{WITHHELD_CANARY}\n", encoding="utf-8")
    assert office.run("publish").verdicts["stations"] == "published"
    assert files_with(office.home, WITHHELD_CANARY) == []
    descriptor = json.loads((office.release("stations", 1) / "datapackage.json").read_bytes())
    assert "foreignKeys" not in descriptor["resources"][0]["schema"]
    assert frictionless.validate(str(office.release("stations", 1) / "datapackage.json")).valid


def test_closed_key_column_of_an_open_table_stays_here(office: PortOffice) -> None:
    """A key of two columns, one of them closed: neither its values nor the key leave."""
    office.schema("ports", primaryKey="code")
    key = {"fields": ["port", "name"], "reference": {"resource": "ports", "fields": ["code", "keeper"]}}
    office.schema("stations", foreignKeys=[key])
    office.run("publish")
    assert public_files_with(office.home, SHARED_CANARY) == []


@pytest.mark.parametrize(("limit", "value"), [("_ROWS", 3), ("_COLUMNS", 2), ("_CHARACTERS", 2)])
def test_excel_is_left_out_where_it_would_lose_something(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(xlsx, limit, value)
    assert office.run("publish", "ports").code == 0
    folder = office.release("ports", 1)
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["ports.csv", "ports.jsonl", "ports.parquet"]
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    reason = descriptor["opendata"]["left_out"]["xlsx"]
    assert reason
    assert reason in (folder / "README.md").read_text(encoding="utf-8")
    assert frictionless.validate(str(folder / "datapackage.json")).valid
