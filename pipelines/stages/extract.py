"""Extract: take one entry's rows from where they live into a work database, every cell as it was."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Extract, Origin
from pipelines.sources import catalogue_rows, columnar, database, delimited, json_records, steady, workbook
from pipelines.sources.headings import Expected, expect, meet, rename_columns
from pipelines.sources.reading import Reading, UnreadableError
from quality.finding import Finding, Quality
from quality.rules.catalogue import RULES
from quality.rules.reading import NO_ROWS, SOURCE_CHANGED
from resource_catalog.agency import Agency
from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import PLACES, Entry, Source
from resource_catalog.errors import SourceError
from resource_catalog.table_schema import SchemaField
from resource_catalog.workspace import Workspace, resolve_source

#: connection, file, source, work folder, the headings to look for
_Reader = Callable[[duckdb.DuckDBPyConnection, Path, Source, Path, Expected], Reading]


def _delimited(
    connection: duckdb.DuckDBPyConnection, file: Path, source: Source, folder: Path, expected: Expected
) -> Reading:
    return delimited.read_delimited(connection, file, source, folder=folder, expected=expected)


def _workbook(
    connection: duckdb.DuckDBPyConnection, file: Path, source: Source, _folder: Path, expected: Expected
) -> Reading:
    return workbook.read_workbook(connection, file, source, expected=expected)


def _schemaless(read: Callable[[duckdb.DuckDBPyConnection, Path, Source], Reading]) -> _Reader:
    return lambda connection, file, source, _folder, _expected: read(connection, file, source)


_READERS: dict[str, _Reader] = {
    "csv": _delimited,
    "tsv": _delimited,
    "xlsx": _workbook,
    "xls": _workbook,
    "ods": _workbook,
    "json": _schemaless(json_records.read_json),
    "jsonl": _schemaless(json_records.read_json_lines),
    "parquet": _schemaless(columnar.read_parquet),
}
_IN_PLACE: dict[str, _Reader] = {"parquet": _schemaless(partial(columnar.read_parquet, in_place=True))}
_ENDINGS = {"txt": "csv", "ndjson": "jsonl", "xlsm": "xlsx"}


def format_of(source: Source, file: Path) -> str:
    """The format that the entry names, or that the file's ending stands for.

    Raises:
        SourceError: neither says one.
    """
    ending = file.suffix.lower().removeprefix(".")
    name = source.format or _ENDINGS.get(ending, ending)
    if name not in _READERS:
        raise SourceError(
            f"the ending {file.suffix!r} says no format",
            where=file.name,
            fix=f"set format in the entry's source to one of {', '.join(_READERS)}",
        )
    return name


def source_file(workspace: Workspace, agency: Agency, source: Source) -> Path | None:
    """The file that a source is read from; None for a server's table, a web address and the catalogue itself.

    Raises:
        SourceError: it is missing or outside the allowed folders.
    """
    if source.path is not None:
        return resolve_source(workspace, agency, source.path)
    known = agency.databases.get(source.database or "")
    if known is not None and known.is_file:
        return resolve_source(workspace, agency, known.path, key=f"agency.yaml's databases.{source.database}.path")
    return None


def can_stay(source: Source, file: Path) -> bool:
    """Whether a file of that format can be judged where it lies."""
    return format_of(source, file) in _IN_PLACE


def _read_file(
    file: Path, source: Source, folder: Path, expected: Expected, readers: Mapping[str, _Reader]
) -> tuple[Reading, str]:
    """The reading of a file that stayed as it was, and its digest; "" where nothing will be made of it."""
    read = readers[format_of(source, file)]
    with (
        steady.unchanged(file),
        open_work(folder / "work.duckdb", folders=[folder], files=[file], alone=True) as connection,
    ):
        reading = read(connection, file, source, folder, expected)
        return reading, "" if read in _IN_PLACE.values() else steady.digest_file(file)


def _read_database(agency: Agency, source: Source, folder: Path, sqlite_file: Path | None) -> tuple[Reading, str]:
    name = source.database or ""
    if name not in agency.databases:
        raise SourceError(
            f"agency.yaml has no database {name!r}", where=f"database {name}", fix="add it, or name another"
        )
    with open_work(folder / "work.duckdb", folders=[folder]) as connection:
        known = agency.databases[name]
        if sqlite_file is None:
            return database.read_database(connection, known, source, sqlite_file=None), ""
        with steady.unchanged(sqlite_file):
            reading = database.read_database(connection, known, source, sqlite_file=sqlite_file)
            # Where a server may stand in the file's place, equal rows make equal releases whichever was read.
            return reading, "" if known.address_env else steady.digest_file(sqlite_file)


def _read(
    catalog: Catalog, source: Source, folder: Path, expected: Expected, readers: Mapping[str, _Reader]
) -> Extracted:
    file = source_file(catalog.workspace, catalog.agency, source)
    if source.catalogue is not None:
        with open_work(folder / "work.duckdb") as connection:
            return *catalogue_rows.read_catalogue(connection, catalog, source.catalogue), None
    if source.database is not None:
        return *_read_database(catalog.agency, source, folder, file), file
    if source.url is not None:
        from pipelines.sources import web  # here, for encrypted connections take long to import

        file = web.fetch(source.url, catalog.agency.web_hosts, folder / "download")
    if file is None:
        raise SourceError("the source names no place", where=str(source), fix=f"name one of {', '.join(PLACES)}")
    return *_read_file(file, source, folder, expected, readers), file


def _name_of(source: Source) -> str:
    """What a source is called in findings."""
    if source.database is not None:
        return f"{source.database}: {source.table or 'query'}"
    return source.path or source.url or f"catalogue: {source.catalogue}"


#: reading, digest, its file
Extracted = tuple[Reading, str, Path | None]


def _fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _read_steadily(
    catalog: Catalog, source: Source, folder: Path, expected: Expected, readers: Mapping[str, _Reader]
) -> Extracted:
    """Read once, and once more if the source changed meanwhile; a source that never rests is refused."""
    _fresh(folder)
    try:
        return _read(catalog, source, folder, expected, readers)
    except UnreadableError as error:
        if error.findings[0].rule != SOURCE_CHANGED.code:
            raise
    _fresh(folder)
    return _read(catalog, source, folder, expected, readers)


def _placed(findings: Sequence[Finding], entry: Entry, file: str, sheet: str) -> tuple[Finding, ...]:
    return tuple(
        replace(found, dataset=entry.id, owner=entry.owner, file=file, sheet=found.sheet or sheet) for found in findings
    )


def _blocked(entry: Entry, findings: tuple[Finding, ...], counts: dict[str, int]) -> Blocked:
    counts = {**Counter(found.rule for found in findings), **counts}
    return Blocked(entry, Quality(0, findings, counts, {code: RULES[code].severity for code in counts}))


def _columns(folder: Path, reading: Reading, expected: Expected) -> Mapping[str, str]:
    """Per heading its column in EXTRACT, which is made so."""
    columns = meet(reading.headings, expected, reading.sheet)
    if any(heading != column for heading, column in columns.items()):
        with open_work(folder / "work.duckdb") as connection:
            rename_columns(connection, columns)
    return columns


def extract(
    catalog: Catalog, entry: Entry, folder: Path, fields: Sequence[SchemaField], *, in_place: bool = False
) -> Extract | Blocked:
    """One entry's rows in a work database in `folder`, which is emptied first.

    A heading is taken for the field that the entry's `source.columns` says, else for the field of that name, else for
    the one field with that title; EXTRACT has the fields' names.

    Args:
        catalog: Where relative paths start, what may be read, and the rows of a source that is the catalogue itself.
        entry: Whose source is read; it must have one.
        folder: The dataset's work folder.
        fields: The schema's fields, which settle where headings stand and how they are delimited.
        in_place: Take no copy of a file that `can_stay`: for a check, which reads it once.

    Returns:
        The extract, or Blocked with findings where the source's shape is broken or a heading may mean two fields.

    Raises:
        WorkspaceError: `source.columns` names a field that the schema lacks.
        SourceError: the source is missing or not where it may be.
        OutsideError: a database or web server failed.
    """
    source = entry.source
    if source is None:
        raise SourceError("the entry has no source", where=entry.id, fix="add one to its file")
    expected = expect(fields, source.columns)
    name = _name_of(source)
    try:
        readers = {**_READERS, **(_IN_PLACE if in_place else {})}
        reading, digest, file = _read_steadily(catalog, source, folder, expected, readers)
        if reading.rows == 0 and not source.allow_empty:
            raise UnreadableError(NO_ROWS.finding(sheet=reading.sheet))
        columns = _columns(folder, reading, expected)
    except UnreadableError as error:
        return _blocked(entry, _placed(error.findings, entry, name, ""), error.counts)
    size = file.stat().st_size if file and digest else None
    return Extract(
        entry=entry,
        database=folder / "work.duckdb",
        headings=tuple(columns.values()),
        rows=reading.rows,
        origin=Origin(name, reading.sheet, reading.encoding, reading.dialect, digest, size),
        source_headings={column: heading for heading, column in columns.items() if column != heading},
        findings=_placed(reading.findings, entry, name, reading.sheet),
        counts={**Counter(found.rule for found in reading.findings), **reading.counts},
        in_place=file if in_place and file and can_stay(source, file) else None,
        footers=tuple(one.under(columns) for one in reading.footers),
    )
