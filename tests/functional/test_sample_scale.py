"""The switch of scale: the same city ten times as large is a sound workspace; beyond that sheets become CSV files."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from resource_catalog.samples.city.city import City
from resource_catalog.samples.forms.part import Part
from resource_catalog.samples.generate import DATA, generate, main
from resource_catalog.samples.scaled_workspace import plain_form, write_workspace
from resource_catalog.samples.stream import Delimited, Sheet
from tests.sample_tables import CATALOGUE, REPOSITORY, STREAMS, sample_rows, sample_schema
from tests.workspace_factory import Answer, run_command

#: A register, a table that grows in a sheet, its neighbour in the same workbook, and a list, which does not grow.
TENFOLD = ("enterprises", "administrative-licences-2018", "administrative-penalties-2018", "service-items")
SHEETS = sorted(dataset for dataset, stream in STREAMS.items() if isinstance(stream.form, Sheet))


@pytest.fixture(scope="module", autouse=True)
def _at_the_repositorys_root() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        yield


@pytest.fixture(scope="module")
def tenfold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("tenfold") / "workspace"
    main([*TENFOLD, "--into", str(workspace), "--scale", "10"])
    return workspace


@pytest.fixture(scope="module")
def checked(tenfold: Path, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    return _check(tenfold, tmp_path_factory.mktemp("home"), *TENFOLD)


def _check(workspace: Path, home: Path, *datasets: str) -> Answer:
    return run_command("check", *datasets, "--workspace", str(workspace), "--home", str(home), "--json")


def _source(workspace: Path, dataset: str) -> dict[str, Any]:
    entry = yaml.safe_load((workspace / "resource_catalog" / "entries" / f"{dataset}.yaml").read_text("utf-8"))
    source: dict[str, Any] = entry["source"]
    return source


# --- ten times -------------------------------------------------------------------------------------------------------


def test_a_register_is_ten_times_as_long_and_its_codes_still_differ(tenfold: Path) -> None:
    with closing(sqlite3.connect(tenfold / DATA / "registry.sqlite")) as database:
        query = "SELECT count(*), count(DISTINCT uscc), count(DISTINCT registration_number) FROM enterprises"
        assert set(database.execute(query).fetchone()) == {10 * len(sample_rows("enterprises"))}


def test_the_larger_citys_tables_are_valid(checked: Answer) -> None:
    assert checked.code == 0
    assert {dataset: one["findings"] for dataset, one in checked.datasets.items()} == dict.fromkeys(TENFOLD, [])
    assert all(checked.datasets[dataset]["valid"] for dataset in TENFOLD)


def test_decisions_grow_and_lists_do_not(checked: Answer) -> None:
    rows = {dataset: checked.datasets[dataset]["rows"] for dataset in TENFOLD}
    assert rows["enterprises"] == 10 * len(sample_rows("enterprises"))
    assert rows["service-items"] == len(sample_rows("service-items"))
    for dataset in ("administrative-licences-2018", "administrative-penalties-2018"):
        # Decisions are drawn over the whole time, and which fall into 2018 is chance.
        assert 8 <= rows[dataset] / len(sample_rows(dataset)) <= 12


def test_tenfold_sheets_are_still_sheets(tenfold: Path) -> None:
    for dataset in SHEETS:
        assert _source(tenfold, dataset) == _source(REPOSITORY, dataset)


def test_lists_and_what_is_not_named_stay_as_committed(tenfold: Path) -> None:
    committed = {path.name: path.read_bytes() for path in (REPOSITORY / DATA).iterdir()}
    written = {path.name: path.read_bytes() for path in (tenfold / DATA).iterdir()}
    assert written.keys() == committed.keys()
    changed = {name for name, content in written.items() if content != committed[name]}
    # The list is written again, and is the same in a city of any size.
    assert changed == {"registry.sqlite", "double-publicity-2018.xlsx"}


# --- a thousand times ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "form"), [(1, Sheet), (10, Sheet), (11, Delimited), (1000, Delimited)])
def test_a_sheet_gives_way_to_csv_above_ten(scale: int, form: type) -> None:
    assert SHEETS
    for dataset in SHEETS:
        assert isinstance(plain_form(STREAMS[dataset], scale), form)


@pytest.mark.parametrize("dataset", sorted(STREAMS.keys() - set(SHEETS)))
def test_other_forms_hold_a_city_of_any_size(dataset: str) -> None:
    assert plain_form(STREAMS[dataset], 1000) == STREAMS[dataset].form


@pytest.mark.parametrize("dataset", SHEETS)
def test_a_sheets_titles_tell_its_columns_apart(dataset: str) -> None:
    """They are the only headings of the CSV file."""
    titles = [field.title for field in sample_schema(dataset).fields]
    assert len(set(titles)) == len(titles)


@pytest.fixture(scope="module")
def thousandfold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("thousandfold") / "workspace"
    write_workspace(workspace, list(STREAMS.values()), 1000)
    return workspace


def test_entries_of_sheets_read_csv_files_and_the_others_what_they_did(thousandfold: Path) -> None:
    for dataset in STREAMS:
        expected = {"path": f"samples/data/{dataset}.csv"} if dataset in SHEETS else _source(REPOSITORY, dataset)
        assert _source(thousandfold, dataset) == expected


def test_all_else_of_the_catalogue_stays(thousandfold: Path) -> None:
    catalogue = thousandfold / "resource_catalog"
    assert (catalogue / "agency.yaml").read_bytes() == (CATALOGUE / "agency.yaml").read_bytes()
    for path in sorted((CATALOGUE / "entries").glob("*.yaml")):
        committed, written = (
            yaml.safe_load(one.read_text("utf-8")) for one in (path, catalogue / "entries" / path.name)
        )
        assert {**written, "source": None} == {**committed, "source": None}


LISTS = ("disclosure-catalogue", "service-items", "supervision-items")


@pytest.mark.parametrize("dataset", LISTS)
def test_a_list_of_merged_headings_is_valid_as_csv(thousandfold: Path, tmp_path: Path, dataset: str) -> None:
    generate(thousandfold / DATA, City(CATALOGUE / "samples" / "words", 1000), [dataset])
    answer = _check(thousandfold, tmp_path, dataset)
    assert (answer.code, answer.datasets[dataset]["findings"]) == (0, [])
    assert answer.datasets[dataset]["rows"] == len(sample_rows(dataset))


def test_a_city_of_a_thousand_begins_at_once(tmp_path: Path) -> None:
    """Its rows come one by one: the first hundred of six million enterprises, and of the decisions about them."""

    def first(_dataset: str, part: Part) -> Part:
        return replace(part, rows=islice(part.rows, 100))

    wanted = ["administrative-licences", "enterprises"]
    generate(tmp_path, City(CATALOGUE / "samples" / "words", 1000), wanted, first)
    with (tmp_path / "administrative-licences.csv").open(encoding="gb18030", newline="") as file:
        assert len(list(csv.reader(file))) == 101
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM enterprises").fetchone() == (100,)
