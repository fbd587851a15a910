"""JSON and JSON Lines: records as rows.

A JSON file is held in memory; JSON Lines stream, twice: once for the headings, once for the rows.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from pipelines.sources.characters import refuse_characters
from pipelines.sources.file_kind import kind_of
from pipelines.sources.json_values import Fault, cell_of, compact_json, parse_json
from pipelines.sources.reading import HEAD_ROWS, Head, Reading, UnreadableError, check_headings
from pipelines.sources.rows import write_rows
from quality.rules import reading as rules
from resource_catalog.entry import Source
from resource_catalog.errors import SourceError

Rows = Iterator[tuple[int, list[str | None]]]
#: How much of an item that is no record its finding shows.
_SHOWN = 200


def _encoding(source: Source) -> str:
    """The declared encoding, or UTF-8."""
    try:
        return codecs.lookup(source.encoding or "utf-8").name
    except LookupError as error:
        raise SourceError(
            f"there is no encoding {source.encoding!r}", where=source.path or "", fix="name UTF-8 or GB18030"
        ) from error


def _decode(octets: bytes, encoding: str, *, row: int | None = None, offset: int = 0) -> str:
    """The text, without a byte order mark at the start of the file.

    Raises:
        UnreadableError: bytes that are none of that encoding.
    """
    try:
        text = octets.decode(encoding)
    except UnicodeDecodeError as error:
        line = row or octets[: error.start].count(b"\n") + 1
        byte, octet = offset + error.start, error.object[error.start]
        found = rules.ENCODING.finding(row=line, byte=byte, octet=octet, encoding=encoding)
        raise UnreadableError(found) from error
    return text if offset else text.removeprefix("\ufeff")


def _as_record(number: int, value: Any) -> Mapping[str, Any]:
    if isinstance(value, Fault):
        raise value.refusal(number)
    if not isinstance(value, dict):
        raise UnreadableError(rules.UNEVEN_RECORD.finding(row=number, value=compact_json(value, number)[:_SHOWN]))
    return value


def _cells(number: int, record: Mapping[str, Any], headings: Sequence[str]) -> list[str | None]:
    return [cell_of(record.get(heading), number, heading) for heading in headings]


def _union(records: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[str, ...]:
    """All names, in the order of their first appearance."""
    names: dict[str, int] = {}
    for number, record in records:
        for name in record:
            names.setdefault(name, number)
    return check_headings([cell_of(name, number) or "" for name, number in names.items()], row=None)


def _find_records(document: Any, path: str | None) -> list[Any]:
    """The list at a dotted path.

    Raises:
        UnreadableError: there is none; says what is in its place.
    """
    found, walked = document, "the top"
    for name in path.split(".") if path else ():
        if not isinstance(found, dict) or name not in found:
            break
        found, walked = found[name], name if walked == "the top" else f"{walked}.{name}"
    else:
        if isinstance(found, list):
            return found
    if isinstance(found, Fault):
        raise found.refusal(None)
    here = f"the names {', '.join(found)}" if isinstance(found, dict) else f"a {type(found).__name__}"
    raise UnreadableError(rules.MISSING_RECORDS.finding(path=path or "the top", detail=f"{walked} has {here}"))


def _objects(items: list[Any]) -> tuple[tuple[str, ...], Rows]:
    records = [(number, _as_record(number, item)) for number, item in enumerate(items, start=1)]
    headings = _union(records)
    return headings, ((number, _cells(number, record, headings)) for number, record in records)


def _lists(items: list[Any]) -> tuple[tuple[str, ...], Rows]:
    """Headings and rows of a list of lists, whose first holds the headings."""
    headings = check_headings([cell_of(cell, 1) or "" for cell in items[0]], row=1)

    def rows() -> Rows:
        for number, cells in enumerate(items[1:], start=2):
            if not isinstance(cells, list):
                shown = compact_json(cells, number)[:_SHOWN]
                raise UnreadableError(rules.UNEVEN_RECORD.finding(row=number, value=shown))
            if len(cells) != len(headings):
                raise UnreadableError(rules.RAGGED_ROW.finding(row=number, cells=len(cells), columns=len(headings)))
            yield number, _cells(number, dict(zip(headings, cells, strict=True)), headings)

    return headings, rows()


def _refuse_other_content(file: Path, format: str) -> None:
    """Pass a file that may be JSON."""
    if file.stat().st_size == 0:
        raise UnreadableError(rules.EMPTY_FILE.finding())
    kind = kind_of(file)
    if kind in ("xlsx", "xls", "ods") or kind.startswith(("a ", "an ")):
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format=format, detail=f"its content looks like {kind}"))


def _fill(connection: duckdb.DuckDBPyConnection, headings: tuple[str, ...], rows: Rows, encoding: str) -> Reading:
    total = write_rows(connection, headings, rows)
    refuse_characters(connection, headings)
    return Reading(headings, total, encoding=encoding)


def _json_table(file: Path, source: Source) -> tuple[tuple[str, ...], Rows, str]:
    """Headings, rows and encoding of a JSON file."""
    _refuse_other_content(file, "JSON")
    encoding = _encoding(source)
    document = parse_json(_decode(file.read_bytes(), encoding), row=None, format="JSON")
    items = _find_records(document, source.records)
    return *(_lists(items) if items and isinstance(items[0], list) else _objects(items)), encoding


def _head(headings: tuple[str, ...], rows: Rows) -> Head:
    return Head(headings, [cells for _, cells in islice(rows, HEAD_ROWS)])


def head_of_json(file: Path, source: Source) -> Head:
    """The headings and first rows of a JSON file.

    Raises:
        UnreadableError: as of `read_json`, but for what stands in later rows.
    """
    headings, rows, _ = _json_table(file, source)
    return _head(headings, rows)


def read_json(connection: duckdb.DuckDBPyConnection, file: Path, source: Source) -> Reading:
    """Fill EXTRACT from a list of objects, or of lists with the headings first, at the top or at `source.records`.

    A row's number is its position in the list, from 1. An empty list has no headings.

    Raises:
        UnreadableError: broken JSON, no such list, items that are no records, a name twice in one object.
    """
    headings, rows, encoding = _json_table(file, source)
    return _fill(connection, headings, rows, encoding)


def _lines(file: Path, encoding: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line number, record) of each line that is not blank."""
    offset = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            text = _decode(line, encoding, row=number, offset=offset)
            offset += len(line)
            if text.strip():
                yield number, _as_record(number, parse_json(text, row=number, format="JSON Lines"))


def _json_lines_table(file: Path, source: Source) -> tuple[tuple[str, ...], Rows, str]:
    """Headings, rows and encoding of JSON Lines."""
    _refuse_other_content(file, "JSON Lines")
    encoding = _encoding(source)
    if encoding.startswith(("utf-16", "utf-32")):
        detail = f"lines in {encoding} can't be told apart; JSON Lines is UTF-8 (jsonlines.org)"
        raise UnreadableError(rules.NOT_THIS_FORMAT.finding(format="JSON Lines", detail=detail))
    headings = _union(_lines(file, encoding))
    return headings, ((number, _cells(number, record, headings)) for number, record in _lines(file, encoding)), encoding


def head_of_json_lines(file: Path, source: Source) -> Head:
    """The headings, of all lines, and the first rows of JSON Lines.

    Raises:
        UnreadableError: a line that is no object, with its number.
    """
    headings, rows, _ = _json_lines_table(file, source)
    return _head(headings, rows)


def read_json_lines(connection: duckdb.DuckDBPyConnection, file: Path, source: Source) -> Reading:
    """Fill EXTRACT from lines of one JSON object each; a row's number is its line's, and blank lines are passed over.

    Raises:
        UnreadableError: a line that is no object, with its number.
    """
    headings, rows, encoding = _json_lines_table(file, source)
    return _fill(connection, headings, rows, encoding)
