"""Compare: put a checked table in the release's order, and hold it against the release before, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work, quote_name, quote_text
from pipelines.formats.csv import EXACT_TYPES
from pipelines.formats.format import CHANGES, ROWS, exact_column
from pipelines.handover import Changes, Checked, Comparison, Release
from pipelines.releases import CHANGE_TYPE
from quality.cells import published
from quality.disclosure.columns import PUBLIC, Audience, schema_for
from quality.disclosure.masks import masked
from quality.rules.check import text, value
from quality.table import CELLS, ROW, value_column
from resource_catalog.table_schema import SchemaField, TableSchema

_BEFORE = "release_before"


def _row_columns(schema: TableSchema, source_schema: TableSchema) -> str:
    """The public columns, masked here so that no later step has a value which readers may not see."""
    columns = []
    for field in schema.fields:
        own = source_schema.field(field.name)
        public = masked(own, source_schema).sql("duckdb", identify=True)
        columns.append(f"{public} AS {quote_name(field.name)}")
        if field.type in EXACT_TYPES:
            exact = published(own, text(own), value(own)).sql("duckdb", identify=True)
            columns.append(f"{exact} AS {quote_name(exact_column(field.name))}")
    return ", ".join(columns)


def _create_rows(connection: duckdb.DuckDBPyConnection, schema: TableSchema, source_schema: TableSchema) -> None:
    """The table ROWS: by primary key where there is one, so that an export in another order is no change."""
    order = [quote_name(value_column(name)) for name in schema.primary_key] or [quote_name(ROW)]
    columns = _row_columns(schema, source_schema)
    connection.execute(f"CREATE OR REPLACE TABLE {ROWS} AS SELECT {columns} FROM {CELLS} ORDER BY {', '.join(order)}")


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall()
    return {name: kind for name, kind in described if not name.startswith("exact ")}


def _mask_changes(schema: TableSchema, before: TableSchema) -> Iterator[str]:
    for field in schema.fields:
        had = before.field(field.name).mask if field.name in before.names else field.mask
        if had != field.mask:
            kinds = (mask.kind if mask else "none" for mask in (had, field.mask))
            yield f"mask changed: {field.name} {' → '.join(kinds)}"


def _schema_changes(schema: TableSchema, before: TableSchema) -> tuple[str, ...]:
    said = [f"column added: {name}" for name in schema.names if name not in before.names]
    said += [f"column removed: {name}" for name in before.names if name not in schema.names]
    for field in schema.fields:
        if field.name in before.names and before.field(field.name).type != field.type:
            said.append(f"type changed: {field.name} {before.field(field.name).type} → {field.type}")
    said += _mask_changes(schema, before)
    if not said and schema.names != before.names:
        said.append("columns in another order")
    if schema.primary_key != before.primary_key:
        said.append(
            f"primary key: {', '.join(before.primary_key) or 'none'} → {', '.join(schema.primary_key) or 'none'}"
        )
    return tuple(said)


def _tellable(schema: TableSchema, before: TableSchema | None) -> set[str]:
    """The columns whose values of the release before may be told in the changes: not those masked anew since."""
    masks = {field.name: field.mask for field in before.fields} if before else {}
    return {field.name for field in schema.fields if field.mask is None or field.mask == masks.get(field.name)}


def _create_before(
    connection: duckdb.DuckDBPyConnection,
    schema: TableSchema,
    previous: Release | None,
    kinds: dict[str, str],
    tellable: set[str],
) -> None:
    """The release before as a view in today's columns: NULL where it lacked one, cast where the type was another."""
    if previous is None:
        columns = ", ".join(f"CAST(NULL AS {kinds[name]}) AS {quote_name(name)}" for name in schema.names)
        connection.execute(f"CREATE OR REPLACE VIEW {_BEFORE} AS SELECT {columns} WHERE false")
        return
    file = f"read_parquet({quote_text(previous.folder / 'data' / f'{previous.dataset}.parquet')})"
    had = _types(connection, f"SELECT * FROM {file}").keys() & tellable
    columns = ", ".join(
        f"TRY_CAST({quote_name(name) if name in had else 'NULL'} AS {kinds[name]}) AS {quote_name(name)}"
        for name in schema.names
    )
    connection.execute(f"CREATE OR REPLACE VIEW {_BEFORE} AS SELECT {columns} FROM {file}")


def _comparable(field: SchemaField, alias: str) -> str:
    """A column for comparison; JSON by its text."""
    name = f"{alias}.{quote_name(field.name)}"
    return f"CAST({name} AS VARCHAR)" if field.type in ("object", "array", "geojson") else name


def _keyed_changes(schema: TableSchema) -> str:
    """Rows by key: on one side only, or on both with another value somewhere."""
    names = ", ".join(quote_name(name) for name in schema.names)
    on = " AND ".join(f"n.{quote_name(key)} = b.{quote_name(key)}" for key in schema.primary_key)
    others = [field for field in schema.fields if field.name not in schema.primary_key]
    differs = " OR ".join(f"{_comparable(f, 'n')} IS DISTINCT FROM {_comparable(f, 'b')}" for f in others) or "false"
    new = ", ".join(f"n.{quote_name(name)}" for name in schema.names)
    old = ", ".join(f"b.{quote_name(name)}" for name in schema.names)
    order = ", ".join(quote_name(key) for key in schema.primary_key)
    return (
        f"SELECT * FROM ("
        f"SELECT 'insert' AS {CHANGE_TYPE}, {new} FROM {ROWS} n ANTI JOIN {_BEFORE} b ON {on} UNION ALL "
        f"SELECT 'delete', {old} FROM {_BEFORE} b ANTI JOIN {ROWS} n ON {on} UNION ALL "
        f"SELECT 'update_preimage', {old} FROM {ROWS} n JOIN {_BEFORE} b ON {on} WHERE {differs} UNION ALL "
        f"SELECT 'update_postimage', {new} FROM {ROWS} n JOIN {_BEFORE} b ON {on} WHERE {differs}"
        f") AS differences({CHANGE_TYPE}, {names}) ORDER BY {order}, {CHANGE_TYPE} DESC"
    )


def _keyless_changes(schema: TableSchema) -> str:
    """Rows as a multiset: without a key, a changed row is one removed and one added."""
    names = ", ".join(quote_name(name) for name in schema.names)
    new, before = (f"SELECT {names} FROM {table}" for table in (ROWS, _BEFORE))
    return (
        f"SELECT 'insert' AS {CHANGE_TYPE}, * FROM ({new} EXCEPT ALL {before}) UNION ALL "
        f"SELECT 'delete', * FROM ({before} EXCEPT ALL {new}) ORDER BY ALL"
    )


def _same_key(schema: TableSchema, before: TableSchema | None) -> bool:
    """Whether both have the same primary key of the same types: only then does it tell a row there from one here."""
    if before is None or schema.primary_key != before.primary_key:
        return False
    return all(schema.field(name).type == before.field(name).type for name in schema.primary_key)


def _create_changes(
    connection: duckdb.DuckDBPyConnection, schema: TableSchema, previous: Release | None, same_key: bool
) -> Changes:
    names = ", ".join(quote_name(name) for name in schema.names)
    if previous is None:
        # A first release is all inserts, in its own order: the changes alone build every release.
        select = f"SELECT 'insert' AS {CHANGE_TYPE}, {names} FROM {ROWS}"
        connection.execute(f"CREATE OR REPLACE VIEW {CHANGES} AS {select}")
    else:
        select = _keyed_changes(schema) if schema.primary_key and same_key else _keyless_changes(schema)
        connection.execute(f"CREATE OR REPLACE TABLE {CHANGES} AS {select}")
    counted = connection.execute(f"SELECT {CHANGE_TYPE}, count(*) FROM {CHANGES} GROUP BY ALL").fetchall()
    counts = dict(counted)
    return Changes(counts.get("insert", 0), counts.get("delete", 0), counts.get("update_postimage", 0))


def _published_schema(checked: Checked, referable: Collection[str], where: Path, audience: Audience) -> TableSchema:
    """The schema as published; of its foreign keys, those that readers can follow."""
    schema = schema_for(checked.schema, str(where), audience)
    keys = tuple(key for key in schema.foreign_keys if key.reference.resource in ("", *referable))
    return schema.model_copy(update={"foreign_keys": keys})


def compare(
    checked: Checked,
    previous: Release | None,
    schema_before: TableSchema | None,
    referable: Collection[str],
    where: Path,
    audience: Audience = PUBLIC,
) -> Comparison:
    """Hold a checked table against the release before.

    Args:
        checked: The table.
        previous: The release before; None for the first.
        schema_before: Its published schema.
        referable: Ids of the datasets whose keys may be published beside the table.
        where: The schema's file, for messages.
        audience: Who will read the release: the public, or other bureaus.

    Raises:
        WorkspaceError: the schema has no public column, or its key isn't public.
    """
    schema = _published_schema(checked, referable, where, audience)
    folders = [previous.folder] if previous else []
    with open_work(checked.extract.database, folders=folders) as connection:
        _create_rows(connection, schema, checked.schema)
        kinds = _types(connection, f"SELECT * FROM {ROWS}")
        _create_before(connection, schema, previous, kinds, _tellable(schema, schema_before))
        changes = _create_changes(connection, schema, previous, _same_key(schema, schema_before))
    said = _schema_changes(schema, schema_before) if schema_before else ()
    return Comparison(checked, schema, previous, changes, said)
