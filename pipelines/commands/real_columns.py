"""Holds the real columns of the sources against the items that the catalogue says they have.

A source's head is read: of delimited text its beginning, of Parquet and SQLite the schema. What can't be read without
much time, a large workbook or a server, is left out by default and named.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.commands.run import Run
from pipelines.engines.duck import open_work
from pipelines.handover import Blocked
from pipelines.sources import columnar, delimited, json_records, sqlite_table, workbook
from pipelines.sources.headings import Expected, expect, meet
from pipelines.sources.reading import Head, UnreadableError
from pipelines.stages.extract import extract, format_of, source_file
from resource_catalog import fault_rules as rules
from resource_catalog.catalog_values import CatalogFault
from resource_catalog.entry import Entry, Source
from resource_catalog.errors import OutsideError, SourceError, WorkspaceError
from resource_catalog.item_rules import UNITS
from resource_catalog.lookalike import skeleton
from resource_catalog.open_catalogue import HEADINGS
from resource_catalog.table_schema import SchemaField
from resource_catalog.workspace import table_schema

#: Formats that are read whole to know their headings, and how many bytes of them are read without being asked to.
_WHOLE, _MOST_BYTES = frozenset({"xlsx", "xls", "ods", "json", "jsonl"}), 4 << 20
#: How alike a heading and the name of a field must be to be taken for one that was renamed.
_RENAMED = 0.7
#: Units of time make dates and terms, which are no numbers with a unit.
_TIMES = frozenset(["天", "日", "工作日", "个工作日", "周", "月", "年", "小时", "分钟", "秒", "岁", "度", "分", "角"])
_WITH_UNIT = re.compile(rf"[￥¥$]?\s*-?[0-9][0-9,]*(?:\.[0-9]+)?\s*({UNITS})")
_FEWEST_VALUES = 3
#: Kind of the source → types of a field that can't mean the same.
_CLASHES: Mapping[str, frozenset[str]] = {
    "integer": frozenset({"string", "date", "datetime", "time", "yearmonth"}),
    "number": frozenset({"string", "boolean", "date", "datetime", "time", "year", "yearmonth"}),
    "boolean": frozenset({"number", "integer", "date", "datetime", "time", "year", "yearmonth"}),
    "date": frozenset({"number", "integer", "boolean", "time", "year"}),
    "datetime": frozenset({"number", "integer", "boolean", "year"}),
}


@dataclass(frozen=True)
class ColumnComparison:
    """The faults found, and by dataset why its columns were not looked at."""

    faults: tuple[CatalogFault, ...]
    not_compared: Mapping[str, str]


class _LeftOutError(Exception):
    """Why a source is not looked at; never leaves this module."""


def _file_head(file: Path, source: Source, folder: Path, expected: Expected, thorough: bool) -> Head:
    kind = format_of(source, file)
    if kind in _WHOLE and not thorough and file.stat().st_size > _MOST_BYTES:
        raise _LeftOutError(f"{file.name} has {file.stat().st_size} bytes, all of which must be read")
    match kind:
        case "json":
            return json_records.head_of_json(file, source)
        case "jsonl":
            return json_records.head_of_json_lines(file, source)
        case "xlsx" | "xls" | "ods":
            return workbook.head_of_workbook(file, source, expected=expected)
    with open_work(folder / "head.duckdb", folders=[folder], files=[file], alone=True) as connection:
        if kind == "parquet":
            return columnar.head_of_parquet(connection, file, source)
        return delimited.head_of_delimited(connection, file, source, folder=folder, expected=expected)


def _head(run: Run, entry: Entry, source: Source, expected: Expected, thorough: bool) -> Head:
    if source.catalogue is not None:
        return Head(HEADINGS)
    file = source_file(run.workspace, run.agency, source)
    if file is None:
        raise _LeftOutError("it is on a server or on the web")
    folder = run.work / "self-check" / entry.id
    folder.mkdir(parents=True, exist_ok=True)
    if source.database is not None:
        return sqlite_table.head_of_sqlite(file, source)
    return _file_head(file, source, folder, expected, thorough)


def _extracted(run: Run, entry: Entry, fields: Sequence[SchemaField]) -> Mapping[str, str]:
    """Per heading its column, of a source that is read whole.

    Raises:
        UnreadableError: the source can't be read.
    """
    read = extract(run.catalog, entry, run.work / "self-check" / entry.id, fields)
    if isinstance(read, Blocked):
        raise UnreadableError(*read.quality.findings)
    return {read.source_headings.get(column, column): column for column in read.headings}


def _closeness(field: SchemaField, heading: str) -> float:
    names = [name for name in (field.name, field.title) if name]
    return max(difflib.SequenceMatcher(None, skeleton(name), skeleton(heading)).ratio() for name in names)


def _renamed(missing: Sequence[SchemaField], extra: Sequence[str]) -> dict[str, str]:
    """Field → the heading that it probably has now: the nearest pairs first, each heading and field once."""
    pairs = [(_closeness(field, heading), field.name, heading) for field in missing for heading in extra]
    found: dict[str, str] = {}
    for closeness, name, heading in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if closeness >= _RENAMED and name not in found and heading not in found.values():
            found[name] = heading
    return found


def _column_faults(
    run: Run, entry: Entry, fields: Sequence[SchemaField], columns: Mapping[str, str]
) -> Iterator[CatalogFault]:
    """Fields that the source lacks, headings that lead to none, and pairs of the two that look like one renamed."""
    names = {field.name for field in fields}
    missing = [field for field in fields if field.name not in columns.values()]
    extra = [heading for heading, column in columns.items() if column not in names]
    renamed = _renamed(missing, extra)
    for field in missing:
        label = f"{field.name} ({field.title})" if field.title and field.title != field.name else field.name
        subject, heading = f"field.{field.name}", renamed.get(field.name)
        if heading is None:
            message = f"the catalogue has the item {label}, and the source lacks it; it has {', '.join(columns)}"
            yield rules.ITEM_MISSING.of(run.catalog, entry, message, key=("source",), subject=subject)
        else:
            message = f"the catalogue has the item {label}, and the source has {heading} instead"
            fix = f"if they are the same, write {heading}: {field.name} under columns; if not, describe {heading}"
            yield rules.ITEM_RENAMED.of(run.catalog, entry, message, key=("source",), subject=subject, fix=fix)
    for heading in extra:
        if heading not in renamed.values():
            message = f"the source has the column {heading}, and the catalogue lacks it"
            yield rules.ITEM_EXTRA.of(run.catalog, entry, message, key=("source",), subject=f"heading.{heading}")


def _unit_of(values: Sequence[str]) -> str:
    """The unit that all values have behind a number; "" where some have none, or there are too few to tell."""
    found = [_WITH_UNIT.fullmatch(value.strip()) for value in values]
    units = {match[1] for match in found if match and match[1] not in _TIMES}
    return " or ".join(sorted(units)) if units and all(found) and len(values) >= _FEWEST_VALUES else ""


def _value_faults(
    run: Run, entry: Entry, fields: Sequence[SchemaField], head: Head, columns: Mapping[str, str]
) -> Iterator[CatalogFault]:
    """Fields whose type is not the source's, or whose first values are numbers with a unit."""
    known = {field.name: field for field in fields}
    for position, heading in enumerate(head.headings):
        field = known.get(columns.get(heading, heading))
        if field is None:
            continue
        subject, kind = f"field.{field.name}", head.kinds.get(heading, "")
        if field.type in _CLASHES.get(kind, ()):
            message = f"the item {heading} is of type {field.type} in the catalogue, and {kind} in the source"
            yield rules.ITEM_TYPE_CLASH.of(run.catalog, entry, message, key=("source",), subject=subject)
        unit = _unit_of([value for row in head.rows if (value := row[position])])
        if unit and not kind:
            message = f"the first values of the item {heading} are numbers with the unit {unit}"
            yield rules.UNIT_IN_VALUES.of(run.catalog, entry, message, key=("source",), subject=subject)


def _columns(
    run: Run, entry: Entry, source: Source, fields: Sequence[SchemaField], thorough: bool
) -> tuple[Mapping[str, str], Head]:
    """Per heading the column that it becomes, and the head; of a source that is read whole, without rows."""
    expected = expect(fields, source.columns)
    try:
        head = _head(run, entry, source, expected, thorough)
    except _LeftOutError:
        if not thorough:
            raise
        columns = _extracted(run, entry, fields)
        return columns, Head(tuple(columns))
    return meet(head.headings, expected), head


def _compare(run: Run, entry: Entry, source: Source, thorough: bool) -> Iterator[CatalogFault]:
    """The faults of one source.

    Raises:
        _LeftOutError: it is not looked at.
        SourceError, WorkspaceError: entry, schema or source are at fault in a way that other rules tell.
        OutsideError: a server failed.
    """
    fields = table_schema(run.workspace, entry).fields
    try:
        columns, head = _columns(run, entry, source, fields, thorough)
    except UnreadableError as error:
        first = error.findings[0]
        message = f"{first.place}: {first.message}" if first.place else first.message
        yield rules.SOURCE_UNREADABLE.of(run.catalog, entry, message, key=("source",), fix=first.fix)
        return
    yield from _column_faults(run, entry, fields, columns)
    yield from _value_faults(run, entry, fields, head, columns)


def compare_columns(run: Run, *, thorough: bool = False) -> ColumnComparison:
    """Compare every source that has a schema; work files go to the run's work folder.

    Args:
        run: The workspace; its ledger is not asked.
        thorough: Read also what takes long: large workbooks and JSON, servers' tables, web addresses.
    """
    faults: list[CatalogFault] = []
    left_out: dict[str, str] = {}
    for entry in run.catalog.entries:
        if entry.source is None:
            continue
        try:
            faults += _compare(run, entry, entry.source, thorough)
        except _LeftOutError as reason:
            left_out[entry.id] = f"{reason}; add --columns to read it"
        except (SourceError, WorkspaceError) as error:
            left_out[entry.id] = f"{error.what}; see its other faults"
        except OutsideError as error:
            left_out[entry.id] = f"{error.where}: {error.what}"
        except OSError as error:
            left_out[entry.id] = f"the disk refuses it: {error.strerror or error}"
    return ColumnComparison(tuple(faults), left_out)
