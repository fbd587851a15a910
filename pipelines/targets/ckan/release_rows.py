"""The rows of a release as its CSV has them: every digit, and a missing value apart from an empty text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work, passing_folder, quote_name, quote_text
from pipelines.handover import Publication, Release
from pipelines.targets.ckan import row_digests, row_tables
from pipelines.targets.ckan.columns import Column, Table, table_of
from pipelines.targets.ckan.row_digests import store_digests
from pipelines.targets.ckan.row_tables import SHOWN, WANTED, Checksum, checksum, define, read_csv
from pipelines.targets.release_files import read_sums, refuse_changed
from resource_catalog.errors import OutsideError
from resource_catalog.table_schema import TableSchema, parse_table_schema

#: What gives the rows: the SHA-256 of the CSV's bytes, the text that stands for no value, and the columns.
_Source = tuple[str, str, Table]
#: Checksums that this run has found: what it loads it also proves, and a file of the same bytes has the same rows.
_CHECKSUMS: dict[_Source, Checksum] = {}


@dataclass(frozen=True)
class RowsFile:
    """A CSV of rows in which a quoted "" is an empty text and nothing at all is NULL, and its headings."""

    path: Path
    header: list[str]


@dataclass(frozen=True)
class ReleaseRows:
    """A release's rows, in WANTED of a DuckDB connection of their own; `folder` is for work files, gone afterwards.

    `release` is theirs, where its files can be used; `before` is an earlier one with the same columns, whose rows can
    be read beside them.
    """

    connection: duckdb.DuckDBPyConnection
    table: Table
    folder: Path
    source: _Source
    release: Release | None = None
    before: Release | None = None

    @property
    def checksum(self) -> Checksum:
        """The checksum of the rows."""
        if self.source not in _CHECKSUMS:
            _CHECKSUMS[self.source] = checksum(self.connection, WANTED, self.table)
        return _CHECKSUMS[self.source]

    @property
    def changes_file(self) -> Path:
        """Where the release has its differences to the release before."""
        if self.release is None:
            raise AssertionError("rows of no release have no changes")
        return _changes(self.release)

    def refuse_missing_keys(self) -> None:
        """Refuse rows without a key: a DataStore takes them, and then finds them by nothing (ckan.md).

        Raises:
            OutsideError: a row lacks its key.
        """
        if self.source in _CHECKSUMS or not self.table.primary_key:  # of the former the keys were looked at before
            return
        missing = ", ".join(f"count(*) - count({quote_name(name)})" for name in self.table.primary_key)
        (counts,) = self.connection.execute(f"SELECT {missing} FROM {WANTED}_hashed").fetchall()
        for name, count in zip(self.table.primary_key, counts, strict=True):
            if count:
                what = f"{count:,} rows have no value in {name}, which is part of the primary key"
                where = str(_file(self.release)) if self.release else ""
                raise OutsideError(what, where=where, fix="mend the source, or the schema's primaryKey")

    def measure(self) -> str:
        """The checksum that our plugin gives; `checksum` is known with it."""
        digest, _CHECKSUMS[self.source] = row_digests.measure(self.connection, WANTED, self.table)
        return digest

    def store_digests(self) -> str:
        """The checksum of the rows that our plugin gives; each one's digest is there from then on."""
        return store_digests(self.connection, WANTED, self.table)

    def read_before(self) -> None:
        """Put the rows of the release before into SHOWN."""
        if self.before is None:
            raise AssertionError("no release before was opened")
        schema = parse_table_schema(self.before.resource["schema"], str(self.before.folder))
        _define(self.connection, SHOWN, self.table, _as_read(self.before, schema))

    def as_upload(self) -> RowsFile:
        """All rows in their order: the release's own CSV, unless it has another sign for no value than nothing."""
        if self.release is not None and not self.source[1]:
            return RowsFile(_file(self.release), [column.name for column in self.table.columns])
        ids = [column.id for column in self.table.columns]
        cells = ", ".join(map(quote_name, ids))
        return RowsFile(self.write_upload(f"SELECT {cells} FROM {WANTED} ORDER BY _number", "upload.csv"), ids)

    def write_upload(self, query: str, name: str) -> Path:
        """A CSV of what a query gives; a quoted "" is an empty text, nothing at all is NULL."""
        file = self.folder / name
        self.connection.execute(f"COPY ({query}) TO {quote_text(file)} (FORMAT csv, HEADER)")
        return file


def _cell(column: Column) -> str:
    """A column as PostgreSQL reads it: infinity by another word, a time without the zone that the dictionary names."""
    name = quote_name(column.name)
    kinds = {"numeric": f"replace({name}, 'INF', 'Infinity')", "timestamp": f"rtrim({name}, 'Z')"}
    cell = kinds.get(column.type, name)
    return f"{cell} AS {quote_name(column.id)}"


def _zones(connection: duckdb.DuckDBPyConnection, schema: TableSchema, read: str) -> dict[str, str]:
    """Of the datetime fields with time zones: whether all values have one, or some."""
    found = {}
    for field in schema.fields:
        if field.type == "datetime":
            name = quote_name(field.name)
            query = f"SELECT count(*) FILTER ({name} LIKE '%Z'), count({name}) FROM {read}"
            zoned, values = connection.execute(query).fetchall()[0]
            if zoned:
                found[field.name] = "all" if zoned == values else "some"
    return found


def file_digest(release: Release) -> str:
    """The SHA-256 of a release's CSV, as it was made."""
    return read_sums(release).get(f"data/{release.dataset}.csv", "")


def _file(release: Release) -> Path:
    return release.folder / "data" / f"{release.dataset}.csv"


def _changes(release: Release) -> Path:
    return release.folder / "changes.parquet"


def _missing(schema: TableSchema) -> str:
    return schema.missing_values[0] if schema.missing_values else ""


def _as_read(release: Release, schema: TableSchema) -> str:
    """A release's CSV as an SQL table of texts."""
    return read_csv(_file(release), dict.fromkeys(schema.names, "VARCHAR"), header=True, missing=_missing(schema))


def _define(connection: duckdb.DuckDBPyConnection, side: str, table: Table, read: str) -> None:
    cells = ", ".join(map(_cell, table.columns))
    define(connection, side, table, f"(SELECT row_number() OVER () AS _number, {cells} FROM {read})")


@contextmanager
def open_release(release: Release, publication: Publication, before: Release | None = None) -> Iterator[ReleaseRows]:
    """The rows of a release's CSV, in WANTED.

    Args:
        release: Whose rows they are.
        publication: It gives their schema.
        before: An earlier release, whose rows may be asked for where its columns are the same.

    Raises:
        OutsideError: the file is not the one that the release was made with, or the disk failed.
    """
    files = [_changes(release), *(_file(one) for one in (release, before) if one)]
    digest = file_digest(release)
    refuse_changed(_file(release), digest)
    with (
        passing_folder(files, "opendata-ckan-") as folder,
        open_work(folder / "rows.duckdb", files=files) as connection,
    ):
        row_tables.prepare(connection)
        row_digests.prepare(connection)
        read = _as_read(release, publication.schema)
        zones = _zones(connection, publication.schema, read)
        table = table_of(publication.schema, publication.agency.language, zones)
        _define(connection, WANTED, table, read)
        source = (digest, _missing(publication.schema), table)
        yield ReleaseRows(connection, table, folder, source, release, before)
