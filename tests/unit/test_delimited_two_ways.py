"""The quick and the careful reading of delimited text give the same table, and what Python wrote comes back."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.engines.duck import open_work
from pipelines.sources import delimited
from pipelines.sources.headings import Expected
from pipelines.sources.reading import UnreadableError
from quality.table import EXTRACT
from resource_catalog.entry import Source


def _texts(pieces: list[str], longest: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=longest).map("".join)


#: What could be taken for something else by one of the two readers.
CELLS = _texts(["a", "甲", "0", " ", ",", ";", '"', "'", "\\", "\n", "\r\n", "#", "\t", "𠮷"], 6)
#: Files that need not be well formed.
SCRAPS = _texts(["a", "甲", " ", ",", '"', "\n", "\r\n", "\r", "\\"], 40).filter(bool)
LINE_ENDS = st.sampled_from(["\n", "\r\n"])


def _tables() -> st.SearchStrategy[list[list[str]]]:
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
    )


def _read(content: str, *, carefully: bool) -> Any:
    """Rows with their numbers, and what was found; or the rules and rows for which it was refused."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "a.csv"
        file.write_bytes(content.encode())
        quick = mock.patch.object(delimited, "_create_cells", return_value=False) if carefully else mock.MagicMock()
        with quick, open_work(folder / "work.duckdb", files=[file]) as connection:
            try:
                source = Source(path="a.csv", delimiter=",", quote='"', escape='"')
                reading = delimited.read_delimited(connection, file, source, folder=folder, expected=Expected())
            except UnreadableError as error:
                return [(found.rule, found.row) for found in error.findings], error.counts
            rows = connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()
            return reading.headings, rows, [(found.rule, found.row) for found in reading.findings], reading.counts


def _written(table: list[list[str]], line_end: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow([f"c{position}" for position in range(len(table[0]))])
    writer.writerows(table)
    return text.getvalue()


@settings(deadline=None)
@given(_tables(), LINE_ENDS)
def test_both_ways_read_the_same_and_what_python_wrote_comes_back(table: list[list[str]], line_end: str) -> None:
    content = _written(table, line_end)
    quick, careful = _read(content, carefully=False), _read(content, carefully=True)
    kept = [(number, *cells) for number, cells in enumerate(table, start=2) if any(cells)]

    assert quick == careful
    assert quick[1] == kept
    assert quick[3].get("blank-row", 0) == len(table) - len(kept)


@settings(deadline=None)
@given(SCRAPS)
@example("a\na,")  # DuckDB would pass over one delimiter too many
@example("a,b\n1,2,\n3,4\n")
@example('a,b\n"1",2\n3,4,\n')
@example('"a\nb",c\n1,2\n3,4\n')  # a line break in the headings is no line of its own
@example('a,b\n1, "2"\n"3" ,4\n')  # DuckDB would drop these spaces, and the quotes of the first
@example(' "\na')  # and take this quote for one that opens
def test_both_ways_judge_any_text_alike(content: str) -> None:
    assert _read(content, carefully=False) == _read(content, carefully=True)


def test_a_plain_file_is_read_the_quick_way() -> None:
    """Else the other tests would compare the careful way with itself."""
    with mock.patch.object(delimited, "read_rows", side_effect=AssertionError):
        assert _read('c0,c1\n1,"a\nb"\n,""\n3,4\n', carefully=False)[1] == [(2, "1", "a\nb"), (4, "3", "4")]
