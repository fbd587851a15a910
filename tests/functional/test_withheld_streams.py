"""What the first workspace withholds has sources, and no byte of it leaves: in no data, page, report or ledger."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest

from tests.workspace_factory import TODAY, Answer, contents, run_command

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "resource_catalog" / "samples" / "data"
WITHHELD = ("disclosure-requests", "openness-safeguards", "opinion-responses")
#: The open streams that are taken from the same facts.
BESIDE = ("disclosure-request-statistics", "official-documents", "opinion-response-results")
_SEARCHED = 250
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _texts(cells: Any) -> Iterator[str]:
    return (cell for cell in cells if isinstance(cell, str) and cell)


def _documents(condition: str) -> Iterator[str]:
    """Numbers and row ids of documents; titles repeat."""
    query = f"SELECT doc_no, source_row_id FROM official_documents WHERE openness {condition} '不予公开'"  # noqa: S608
    with closing(sqlite3.connect(DATA / "official-documents.sqlite")) as database:
        for row in database.execute(query):
            yield from row


def withheld_cells() -> Iterator[str]:
    """Every text of what is withheld: three whole sources, and the documents that may not be disclosed."""
    for row in csv.reader(io.StringIO((DATA / "disclosure-requests.csv").read_text("gb18030"))):
        yield from _texts(row)
    for record in json.loads((DATA / "opinion-responses.json").read_text("utf-8"))["data"]["records"]:
        yield from _texts(record.values())
    for sheet_row in openpyxl.load_workbook(DATA / "openness-safeguards.xlsx").worksheets[0].values:
        yield from _texts(sheet_row)
    yield from _documents("=")


def open_texts() -> str:
    """What may leave, as one text: the sources of the open streams, and the catalogue and its schemas."""
    files = [*(REPOSITORY / "resource_catalog" / "entries").glob("*.yaml"), *(REPOSITORY / "schemas").glob("**/*.*")]
    files += [REPOSITORY / "resource_catalog" / "agency.yaml", DATA / "opinion-response-results.csv"]
    return "\n".join([*(file.read_text("utf-8") for file in files), *_documents("<>")])


def searchable(folder: Path) -> list[bytes]:
    """The bytes of every file and its name, packed ones unpacked."""
    found = []
    for name, content in contents(folder).items():
        found += [name.encode(), content]
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found += [archive.read(member) for member in archive.namelist()]
        if content.startswith(b"PAR1"):
            found.append(str(pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()).encode())
    return found


def holding(searched: list[bytes], text: str) -> int:
    """How many hold a text, as it is or as JSON escapes it."""
    forms = {text.encode(), json.dumps(text)[1:-1].encode()}
    return sum(any(form in content for form in forms) for content in searched)


@pytest.fixture(scope="module")
def canaries() -> list[str]:
    """Texts that occur only in what is withheld, evenly from all of them; short ones and days coincide by chance."""
    known = open_texts()
    telling = {text for text in withheld_cells() if len(text) >= 8 and not _DAY.match(text)}
    only = sorted(text for text in telling if text not in known)
    return only[:: max(1, len(only) // _SEARCHED)]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Path]:
    """The answer of a run that names the withheld streams and those beside them, and its home."""
    home = tmp_path_factory.mktemp("withheld") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENDATA_TODAY", TODAY)
        for name in ("OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL", "OFFICIAL_DOCUMENTS_URL"):
            patch.delenv(name, raising=False)
        options = ("--workspace", str(REPOSITORY), "--home", str(home), "--json")
        return run_command("publish", *WITHHELD, *BESIDE, *options), home


def test_withheld_streams_are_held_with_their_reason(published: tuple[Answer, Path]) -> None:
    answer, _ = published
    assert answer.code == 0
    assert answer.verdicts == {**dict.fromkeys(BESIDE, "published"), **dict.fromkeys(WITHHELD, "held")}
    for dataset in WITHHELD:
        assert "公开方式 = 不公开" in answer.datasets[dataset]["reason"]


def test_nothing_withheld_is_in_any_byte(published: tuple[Answer, Path], canaries: list[str]) -> None:
    answer, home = published
    searched = [*searchable(home), answer.out.encode(), answer.err.encode()]
    assert len(canaries) >= _SEARCHED
    assert {text: count for text in canaries if (count := holding(searched, text))} == {}


def test_the_search_finds_what_was_published(published: tuple[Answer, Path]) -> None:
    """CSV, JSON Lines, the workbook's strings and Parquet, of the release and of the portal's copy."""
    searched = searchable(published[1])
    assert all(holding(searched, text) >= 8 for text in list(_documents("<>"))[:4])


def test_canaries_come_from_every_withheld_source(canaries: list[str]) -> None:
    for mark in ("SQ20", "YQTZ-", "BZTZ-", "沪工商"):
        assert any(text.startswith(mark) for text in canaries), mark


@pytest.mark.parametrize("dataset", WITHHELD)
def test_withheld_streams_are_checked_like_others(dataset: str, tmp_path: Path) -> None:
    answer = run_command("check", dataset, "--workspace", str(REPOSITORY), "--home", str(tmp_path), "--json")
    assert answer.code == 0
    assert answer.datasets[dataset]["valid"]
    assert answer.datasets[dataset]["rows"] >= 200
