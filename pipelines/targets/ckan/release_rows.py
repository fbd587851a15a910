"""The rows of a release as its CSV has them: every digit, and a missing value apart from an empty text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work, quote_name, quote_text
from pipelines.handover import Publication, Release
from pipelines.targets.ckan.columns import Column, Table, table_of
from pipelines.targets.ckan.row_tables import SHOWN, WANTED, Checksum, checksum, prepare, read_csv, store
from resource_catalog.errors import OutsideError
from resource_catalog.table_schema import TableSchema, parse_table_schema

_READ = "release_as_read"


@dataclass(frozen=True)
class ReleaseRows:
    """A release's rows, in WANTED of a DuckDB connection of their own; `folder` is for work files, gone afterwards."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    folder: Path

    @property
    def checksum(self) -> Checksum:
        """The checksum of the rows."""
        return checksum(self.connection, WANTED)

    @property
    def checksum_before(self) -> Checksum:
        """The checksum of the rows of the release before, where they are there."""
        return checksum(self.connection, SHOWN)

    def as_upload(self) -> Path:
        """A CSV with the DataStore's ids for headings; a quoted "" is an empty text, nothing at all is NULL."""
        file = self.folder / "upload.csv"
        cells = ", ".join(quote_name(column.id) for column in self.table.columns)
        query = f"SELECT {cells} FROM {WANTED} ORDER BY number"
        self.connection.execute(f"COPY ({query}) TO {quote_text(file)} (FORMAT csv, HEADER)")
        return file


def _cell(column: Column) -> str:
    """A column as PostgreSQL reads it: infinity by another word, a time without the zone that the dictionary names."""
    name = quote_name(column.name)
    kinds = {"numeric": f"replace({name}, 'INF', 'Infinity')", "timestamp": f"rtrim({name}, 'Z')"}
    cell = kinds.get(column.type, name)
    return f"{cell} AS {quote_name(column.id)}"


def _zones(connection: duckdb.DuckDBPyConnection, schema: TableSchema) -> dict[str, str]:
    """Of the datetime fields with time zones: whether all values have one, or some."""
    found = {}
    for field in schema.fields:
        if field.type == "datetime":
            name = quote_name(field.name)
            query = f"SELECT count(*) FILTER ({name} LIKE '%Z'), count({name}) FROM {_READ}"
            zoned, values = connection.execute(query).fetchall()[0]
            if zoned:
                found[field.name] = "all" if zoned == values else "some"
    return found


def _refuse_missing_keys(connection: duckdb.DuckDBPyConnection, table: Table, where: Path) -> None:
    """A DataStore takes a key without a value, and then finds that row by nothing (ckan.md)."""
    for name in table.primary_key:
        query = f"SELECT count(*) FROM {WANTED} WHERE {quote_name(name)} IS NULL"
        if connection.execute(query).fetchall()[0][0]:
            what = f"rows have no value in {name}, which is part of the primary key"
            raise OutsideError(what, where=str(where), fix="mend the source, or the schema's primaryKey")


def _file(release: Release) -> Path:
    return release.folder / "data" / f"{release.dataset}.csv"


def _read(connection: duckdb.DuckDBPyConnection, release: Release, schema: TableSchema) -> None:
    """Put a release's CSV into a table of texts."""
    missing = schema.missing_values[0] if schema.missing_values else ""
    source = read_csv(_file(release), dict.fromkeys(schema.names, "VARCHAR"), header=True, missing=missing)
    connection.execute(f"CREATE OR REPLACE TABLE {_READ} AS SELECT * FROM {source}")


def _store(connection: duckdb.DuckDBPyConnection, side: str, table: Table) -> None:
    cells = ", ".join(map(_cell, table.columns))
    store(connection, side, table, f"(SELECT row_number() OVER () AS number, {cells} FROM {_READ})")
    connection.execute(f"DROP TABLE {_READ}")


@contextmanager
def open_release(release: Release, publication: Publication, before: Release | None = None) -> Iterator[ReleaseRows]:
    """The rows of a release's CSV, in WANTED; those of `before`, an earlier one with the same columns, in SHOWN.

    Raises:
        OutsideError: the file or the disk failed, or a row lacks its key.
    """
    files = [_file(one) for one in (release, before) if one]
    with tempfile.TemporaryDirectory(prefix="opendata-ckan-") as name:
        folder = Path(name)
        with open_work(folder / "rows.duckdb", files=files) as connection:
            prepare(connection)
            _read(connection, release, publication.schema)
            table = table_of(publication.schema, publication.agency.language, _zones(connection, publication.schema))
            _store(connection, WANTED, table)
            _refuse_missing_keys(connection, table, _file(release))
            if before:
                _read(connection, before, parse_table_schema(before.resource["schema"], str(before.folder)))
                _store(connection, SHOWN, table)
            yield ReleaseRows(connection, table, folder)
