r"""JSON and JSON Lines: digits as written, names in order, faults with the number of their record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.engines.duck import open_work
from pipelines.sources.json_records import read_json, read_json_lines
from pipelines.sources.reading import Reading, UnreadableError
from quality.table import EXTRACT
from resource_catalog.entry import Source
from resource_catalog.errors import SourceError

Read = Callable[..., tuple[Reading, list[tuple[Any, ...]]]]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(tmp_path / "work.duckdb") as opened:
        yield opened


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Read:
    def read(content: str | bytes, *, lines: bool = False, **source: Any) -> tuple[Reading, list[tuple[Any, ...]]]:
        file = tmp_path / ("a.jsonl" if lines else "a.json")
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        reader = read_json_lines if lines else read_json
        reading = reader(connection, file, Source(path=file.name, **source))
        return reading, connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()

    return read


def refusals(read: Read, content: str | bytes, **source: Any) -> list[tuple[str, int | None, str]]:
    with pytest.raises(UnreadableError) as caught:
        read(content, **source)
    return [(finding.rule, finding.row, finding.column) for finding in caught.value.findings]


def test_numbers_keep_their_digits(read: Read) -> None:
    _, rows = read('[{"n": 310101190001011234}, {"n": 1.10}, {"n": 1E5}, {"n": -0}, {"n": 0.1000000000000000055}]')
    assert [row[1] for row in rows] == ["310101190001011234", "1.10", "1E5", "-0", "0.1000000000000000055"]


def test_names_are_united_in_order_of_appearance(read: Read) -> None:
    reading, rows = read('[{"b": "1", "a": null}, {"c": "", "a": true}]')
    assert reading.headings == ("b", "a", "c")
    assert rows == [(1, "1", None, None), (2, None, "true", "")]


def test_nested_values_are_compact_json_with_their_digits(read: Read) -> None:
    _, rows = read('[{"a": {"名": [1.10, "x\\n\\"", null, true], "b": {}}}]')
    assert rows == [(1, '{"名":[1.10,"x\\n\\"",null,true],"b":{}}')]


def test_a_list_of_lists_has_its_headings_first(read: Read) -> None:
    reading, rows = read('[["a", "b"], [1, null], ["x", [2]]]')
    assert (reading.headings, rows) == (("a", "b"), [(2, "1", None), (3, "x", "[2]")])
    assert refusals(read, '[["a", "b"], [1]]') == [("ragged-row", 2, "")]
    assert refusals(read, '[["a", "b"], {"a": 1}]') == [("not-a-record", 2, "")]


def test_records_lie_at_a_dotted_path(read: Read) -> None:
    document = '{"result": {"total": 1, "rows": [{"a": 1}]}}'
    assert read(document, records="result.rows")[1] == [(1, "1")]
    for path in (None, "result", "result.total", "result.nope", "result.total.x"):
        assert refusals(read, document, records=path) == [("missing-records", None, "")]


def test_an_empty_list_has_no_rows_and_no_headings(read: Read) -> None:
    reading, rows = read("[]")
    assert (reading.headings, reading.rows, rows) == ((), 0, [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"a": 1}, {"a": 1, "a": 2}]', ("duplicate-key", 2, "a")),
        ('[{"a": 1}, {"a": {"b": 1, "b": 2}}]', ("duplicate-key", 2, "b")),
        ('[{"a": 1}, {"a": NaN}]', ("not-finite", 2, "")),
        ('[{"a": 1}, {"a": [-Infinity]}]', ("not-finite", 2, "")),
        ('[{"a": 1}, 2]', ("not-a-record", 2, "")),
        ('[{"a": "\\ud800"}]', ("control-character", 1, "a")),
        ('[{"\\ud800": 1}]', ("control-character", 1, "")),
        ('[{"a": "\\u0001"}]', ("control-character", 1, "a")),
        ('[{"a": 1}, {"A": 1}]', ("duplicate-heading", None, "A")),
        ('[{" ": 1}]', ("blank-heading", None, "")),
        ('[{"a": 1},\n {"a": 2]', ("not-this-format", 2, "")),
        ('{"a": 1, "a": []}', ("duplicate-key", None, "a")),
        ("[" * 100_000, ("not-this-format", None, "")),
        ("<html></html>", ("not-this-format", None, "")),
        ("", ("empty-file", None, "")),
    ],
)
def test_faults_are_refused_with_their_place(read: Read, content: str, expected: tuple[str, int | None, str]) -> None:
    assert refusals(read, content) == [expected]


def test_broken_json_names_line_and_column(read: Read) -> None:
    with pytest.raises(UnreadableError) as caught:
        read('[{"a": 1},\n {"a": }]')
    assert "line 2, column 8" in caught.value.findings[0].message


def test_encodings_are_strict(read: Read) -> None:
    text = '[\n{"名": "甲"}]'
    assert read(b"\xef\xbb\xbf" + text.encode())[1] == [(1, "甲")]
    assert read(text.encode("gb18030"), encoding="gb18030")[1] == [(1, "甲")]
    assert read(text.encode("utf-16"), encoding="utf-16")[1] == [(1, "甲")]
    with pytest.raises(UnreadableError) as caught:
        read(text.encode("gb18030"))
    assert [(finding.rule, finding.row) for finding in caught.value.findings] == [("encoding", 2)]
    with pytest.raises(SourceError):
        read(text, encoding="nope")


def test_lines_keep_their_numbers(read: Read) -> None:
    reading, rows = read(b'\xef\xbb\xbf{"a": 310101190001011234}\r\n\r\n{"b": [1]}', lines=True)
    assert (reading.headings, reading.rows) == (("a", "b"), 2)
    assert rows == [(1, "310101190001011234", None), (3, None, "[1]")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a": 1}\n[1]\n', ("not-a-record", 2, "")),
        (b'{"a": 1}\n{"a": \n', ("not-this-format", 2, "")),
        (b'{"a": 1}\n{"a": 1, "a": 2}\n', ("duplicate-key", 2, "a")),
        (b'{"a": 1}\n{"a": NaN}\n', ("not-finite", 2, "")),
        (b'{"a": 1}\n{"a": "\xff"}\n', ("encoding", 2, "")),
        (b'{"a": 1}\n{"a": "\xe7\x94', ("encoding", 2, "")),
        (b"PK\x03\x04", ("not-this-format", None, "")),
    ],
)
def test_broken_lines_are_refused_with_their_number(
    read: Read, content: bytes, expected: tuple[str, int | None, str]
) -> None:
    assert refusals(read, content, lines=True) == [expected]


def test_lines_of_two_byte_encodings_are_refused(read: Read) -> None:
    assert refusals(read, '{"a": 1}\n'.encode("utf-16"), lines=True, encoding="utf-16") == [
        ("not-this-format", None, "")
    ]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"a": _VALUES, "b": _VALUES}), min_size=1, max_size=5))
def test_both_forms_read_the_same_cells(read: Read, records: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(record) for record in records)
    if "\ufffd" in json.dumps(records, ensure_ascii=False):
        return
    whole, by_line = read(json.dumps(records)), read(lines, lines=True)
    assert whole[1] == by_line[1]
    for record, row in zip(records, whole[1], strict=True):
        for heading, cell in zip(whole[0].headings, row[1:], strict=True):
            value = record[heading]
            assert (cell if value is None or isinstance(value, str) else json.loads(cell)) == value
