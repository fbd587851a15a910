"""The second switch of the samples: all 25 source defects of the domain document lie where their labels say, alone."""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from resource_catalog.samples.generate import DATA, main
from tests.domain_document import defect_treatments

Labels = list[dict[str, str]]
ENCODINGS = {"administrative-licences.csv": "gb18030", "administrative-penalties.csv": "gb18030"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted") / "workspace"
    main(["--into", str(folder), "--defects"])
    return folder


@pytest.fixture(scope="module")
def labels(planted: Path) -> Labels:
    with (planted / "defects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _data(workspace: Path) -> Path:
    return workspace / DATA


def _csv_rows(file: Path) -> list[list[str]]:
    with file.open(encoding=ENCODINGS.get(file.name, "utf-8-sig"), newline="") as opened:
        return list(csv.reader(opened))


def _sheet_rows(file: Path, sheet: str) -> list[list[Any]]:
    with closing(openpyxl.load_workbook(file)) as workbook:
        return [list(row) for row in workbook[sheet].iter_rows(values_only=True)]


def _of(labels: Labels, ending: str) -> Iterator[dict[str, str]]:
    return (each for each in labels if each["file"].endswith(ending) and each["heading"] and each["row"])


def test_all_25_of_the_document_are_there(labels: Labels) -> None:
    document = defect_treatments()
    assert sorted(document) == list(range(1, 26))
    assert {int(label["number"]) for label in labels} == set(document)
    assert {label["treatment"] for label in labels} == {"repair", "flag", "reject"}


def test_cells_of_csv_files_are_as_labelled(planted: Path, labels: Labels) -> None:
    checked = 0
    for label in _of(labels, ".csv"):
        rows = _csv_rows(_data(planted) / label["file"])
        assert rows[int(label["row"]) - 1][rows[0].index(label["heading"])] == label["after"]
        checked += 1
    assert checked > 30


def test_cells_of_workbooks_are_as_labelled(planted: Path, labels: Labels) -> None:
    checked = 0
    for label in _of(labels, ".xlsx"):
        if len(label["heading"]) > 1:
            rows = _sheet_rows(_data(planted) / label["file"], label["sheet"])
            assert label["after"] in rows[int(label["row"]) - 1]
            assert any(label["heading"].split("_")[-1] in row for row in rows[:5])
            checked += 1
    assert checked > 15


def test_cells_of_tables_are_as_labelled(planted: Path, labels: Labels) -> None:
    with closing(sqlite3.connect(_data(planted) / "registry.sqlite")) as database:
        for label in _of(labels, ".sqlite"):
            query = f'SELECT "{label["heading"]}" FROM enterprises LIMIT 1 OFFSET ?'
            assert database.execute(query, [int(label["row"]) - 1]).fetchone() == (label["after"],)


def test_nothing_else_differs_from_the_committed_files(planted: Path, labels: Labels) -> None:
    """By rows of the CSV files: each changed or added one has its label."""
    for name in ("administrative-licences.csv", "administrative-penalties.csv", "dishonest-records.csv"):
        sound = {tuple(row) for row in _csv_rows(DATA / name)}
        rows = _csv_rows(_data(planted) / name)
        changed = {number for number, row in enumerate(rows, start=1) if tuple(row) not in sound}
        labelled = {int(label["row"]) for label in labels if label["file"] == name and label["row"]}
        repeated = {int(label["row"]) for label in labels if label["file"] == name and not label["after"]}
        assert changed == labelled - repeated
        for number in repeated:
            assert rows[number - 1] == rows[number - 2]


def _hidden_sheet(data: Path) -> str:
    with closing(openpyxl.load_workbook(data / "sampling-inspections.xlsx")) as workbook:
        sheet = workbook["Sheet2"]
        assert sheet.sheet_state == "hidden"
        return str(sheet["A1"].value)


def _comment(data: Path) -> str:
    with closing(openpyxl.load_workbook(data / "sampling-inspections.xlsx")) as workbook:
        comment = workbook["抽检结果"]["C5"].comment
        assert comment is not None
        return str(comment.text)


def _formula_error(data: Path) -> str:
    with closing(openpyxl.load_workbook(data / "service-items.xlsx")) as workbook:
        cell = workbook.worksheets[0]["B8"]
        assert cell.data_type == "e"
        return str(cell.value)


def _macro(data: Path) -> str:
    with zipfile.ZipFile(data / "consultations.xlsx") as archive:
        return next(name for name in archive.namelist() if "vba" in name)


@pytest.mark.parametrize("found", [_hidden_sheet, _comment, _formula_error, _macro])
def test_what_hides_in_workbooks_is_as_labelled(planted: Path, labels: Labels, found: Callable[[Path], str]) -> None:
    assert found(_data(planted)) in {label["after"] for label in labels if label["number"] == "25"}


def test_faults_of_the_catalogue_are_in_its_entries(planted: Path, labels: Labels) -> None:
    faults = [label for label in labels if label["file"].startswith("entries/")]
    assert len(faults) == 4
    for label in faults:
        entry = yaml.safe_load((planted / "resource_catalog" / label["file"]).read_text("utf-8"))
        assert entry[label["heading"]] == label["after"] != label["before"]
