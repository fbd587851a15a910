"""The catalogue's own entries as a source, so that the open catalogue is published like any other data set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import duckdb

from pipelines.sources.characters import refuse_characters
from pipelines.sources.reading import Reading, UnreadableError
from pipelines.sources.rows import write_rows
from quality.finding import Finding
from quality.rules.reading import CATALOGUE_INCOMPLETE
from resource_catalog.catalog_values import Catalog
from resource_catalog.errors import WorkspaceError
from resource_catalog.open_catalogue import HEADINGS, Scope, catalogue_rows, entries_in
from resource_catalog.table_schema import TableSchema
from resource_catalog.workspace import table_schema

_Rows = tuple[tuple[int, tuple[str | None, ...]], ...]


def _broken(catalog: Catalog) -> Iterator[Finding]:
    """A finding for each entry that can't be read: without its row the catalogue would be wrong."""
    for broken in catalog.broken:
        detail = "; ".join(error.what for error in broken.errors)
        yield CATALOGUE_INCOMPLETE.finding(resource=broken.file.name, detail=detail)


def _schemas(catalog: Catalog, scope: Scope, faults: list[Finding]) -> dict[str, TableSchema]:
    schemas = {}
    for entry in entries_in(catalog, scope):
        if entry.source is None and not catalog.workspace.schema_file(entry).exists():
            continue  # a resource without data may have no schema yet
        try:
            schemas[entry.id] = table_schema(catalog.workspace, entry)
        except WorkspaceError as error:
            faults.append(CATALOGUE_INCOMPLETE.finding(resource=f"the schema of {entry.id}", detail=error.what))
    return schemas


def _rows(catalog: Catalog, scope: Scope) -> _Rows:
    faults = list(_broken(catalog))
    schemas = _schemas(catalog, scope, faults)
    if faults:
        raise UnreadableError(*faults)
    return catalogue_rows(catalog, schemas, scope)


def _digest(rows: _Rows) -> str:
    # Without the ordinals: an entry that is withheld moves them, and nothing that a row says.
    text = json.dumps([HEADINGS, [cells for _, cells in rows]], ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def catalogue_digest(catalog: Catalog, scope: Scope) -> str:
    """The digest, "sha256:…", of what the rows hold; "" where the catalogue can't be read whole."""
    try:
        return _digest(_rows(catalog, scope))
    except UnreadableError:
        return ""


def read_catalogue(connection: duckdb.DuckDBPyConnection, catalog: Catalog, scope: Scope) -> tuple[Reading, str]:
    """Fill EXTRACT with a row for each resource, numbered as in the officers' workbook; and the rows' digest.

    Raises:
        UnreadableError: an entry or a schema can't be read, or holds characters that can't be published.
    """
    rows = _rows(catalog, scope)
    reading = Reading(HEADINGS, write_rows(connection, HEADINGS, rows), encoding="utf-8")
    refuse_characters(connection, HEADINGS)
    return reading, _digest(rows)
