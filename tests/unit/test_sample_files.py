"""The committed samples are what their script writes and nothing else, each file read by the entry of its stream."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.samples import streams
from resource_catalog.samples.generate import generate, main
from resource_catalog.samples.stream import Delimited, Interface, Sheet, Stream, Table
from tests.sample_tables import CATALOGUE, DATA, REPOSITORY, STREAMS, sample_city, sample_rows, sample_schema

FILES = sorted({stream.form.file for stream in STREAMS.values()})
#: Its source is the catalogue itself.
WITHOUT_FILE = {"resource-catalogue"}
#: The candidates for opening are as many as the catalogue has resources; its schema says so.
FEWER = {"opening-plan"}


def _entries() -> Iterator[Entry]:
    for path in sorted((CATALOGUE / "entries").glob("*.yaml")):
        yield Entry.model_validate(yaml.safe_load(path.read_text("utf-8")))


ENTRIES = {entry.id: entry for entry in _entries()}
AGENCY = Agency.model_validate(yaml.safe_load((CATALOGUE / "agency.yaml").read_text("utf-8")))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        generate(folder, sample_city())
    return folder


def _content(file: Path) -> bytes | list[str]:
    """The bytes; of SQLite, whose bytes depend on its version, the statements that make it again."""
    if file.suffix != ".sqlite":
        return file.read_bytes()
    with closing(sqlite3.connect(file)) as database:
        return list(database.iterdump())


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_the_script_writes_the_committed_file_again(written: Path, file: str) -> None:
    assert _content(written / file) == _content(DATA / file)


def test_nothing_else_lies_in_the_folder(written: Path) -> None:
    assert sorted(path.name for path in DATA.iterdir()) == sorted(path.name for path in written.iterdir()) == FILES


def test_named_datasets_alone_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    generate(tmp_path, sample_city(), ["proposals", "inspection-items"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["proposals.csv", "spot-checks.xlsx"]
    # The other dataset of the shared workbook comes with it, or it would be lost there.
    assert (tmp_path / "spot-checks.xlsx").read_bytes() == (DATA / "spot-checks.xlsx").read_bytes()


@pytest.mark.parametrize("switch", [["--scale", "10"], ["--defects"]])
def test_the_committed_files_are_sound_and_of_scale_1(
    switch: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as refused:
        main(["proposals", *switch])
    assert refused.value.code == 2
    assert "--into" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# --- streams and entries ---------------------------------------------------------------------------------------------


def test_a_streams_module_has_its_datasets_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(streams.__path__)}
    made = {name: importlib.import_module(f"{streams.__name__}.{name}").STREAM.dataset for name in modules}
    assert {name: dataset for name, dataset in made.items() if dataset.replace("-", "_") != name} == {}
    assert set(made.values()) == set(STREAMS)


def test_every_entry_has_its_stream_and_every_stream_its_entry() -> None:
    assert set(ENTRIES) - WITHOUT_FILE == set(STREAMS)
    sources = [ENTRIES[dataset].source for dataset in WITHOUT_FILE]
    assert [source and source.catalogue for source in sources] == ["open"]


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_the_entry_reads_what_the_stream_writes(stream: Stream) -> None:
    source, form = ENTRIES[stream.dataset].source, stream.form
    assert source
    if isinstance(form, Table):
        database = AGENCY.databases[source.database or ""]
        assert database.path == f"samples/data/{form.file}"
        assert source.table == form.table or re.search(rf"\bFROM {form.table}\b", source.query or "")
        return
    assert source.path == f"samples/data/{form.file}"
    if isinstance(form, Sheet):
        heading = 1 + bool(form.title) + bool(form.subtitle)
        assert (source.sheet, source.footer_rows) == (form.sheet, len(form.notes))
        assert (source.header_row or 1) == ((heading, heading + 1) if form.groups else heading)
    if isinstance(form, Delimited):
        assert source.encoding in (None, form.encoding)
    if isinstance(form, Interface):
        assert source.records == form.records


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_stream_has_its_schemas_columns(stream: Stream) -> None:
    # In an order of its own: officers' sheets begin with what their readers look for.
    assert sorted(stream.columns) == sorted(sample_schema(stream.dataset).names)


# --- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", STREAMS)
def test_rows_are_neither_few_nor_many(dataset: str) -> None:
    assert (50 if dataset in FEWER else 200) <= len(sample_rows(dataset)) <= 20_000


@pytest.mark.parametrize("dataset", FEWER)
def test_a_table_of_fewer_rows_says_so(dataset: str) -> None:
    assert len(sample_rows(dataset)) < 200
    schema = (REPOSITORY / "schemas" / f"{dataset}.schema.json").read_text("utf-8")
    assert "行数少于" in json.loads(schema)["description"]
