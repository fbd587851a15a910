"""Refer: the keys of the tables that a dataset's foreign keys point to, as text, for its check and its package."""

from __future__ import annotations

from pathlib import Path

from pipelines.engines.duck import open_work, quote_name, quote_text
from pipelines.handover import Extract, ReferredKeys, Release
from quality.judged_cells import create_cells
from quality.table import CELLS, value_column
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema


def refer(extract: Extract, schema: TableSchema, columns: tuple[str, ...], file: Path) -> ReferredKeys:
    """Write the distinct keys of an extract's columns to the Parquet `file`, each value as text, in a fixed order.

    Raises:
        WorkspaceError: the extract's schema has no such column, or masks it.
    """
    unknown = [column for column in columns if column not in schema.names]
    if unknown:
        raise WorkspaceError(
            f"a foreign key refers to {', '.join(unknown)} of {extract.entry.id}, which has no such column",
            where=extract.entry.id,
            fix="mend the foreign key's reference",
        )
    masked = [column for column in columns if schema.field(column).mask]
    if masked:
        raise WorkspaceError(
            f"a foreign key refers to {', '.join(masked)} of {extract.entry.id}, which is masked",
            where=extract.entry.id,
            fix="refer to a column that readers see as it is",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    names = ", ".join(
        f"CAST({quote_name(value_column(column))} AS VARCHAR) AS {quote_name(column)}" for column in columns
    )
    missing = extract.entry.source.null_values if extract.entry.source else None
    with open_work(extract.database, folders=[file.parent]) as connection:
        create_cells(connection, schema, extract.headings, missing or ())
        connection.execute(
            f"COPY (SELECT DISTINCT {names} FROM {CELLS} ORDER BY ALL) TO {quote_text(file)} (FORMAT parquet)"
        )
    fields = tuple(schema.field(column) for column in columns)
    return ReferredKeys(extract.entry.id, file, TableSchema(fields=fields))


def refer_release(release: Release, schema: TableSchema, file: Path) -> ReferredKeys:
    """The same from a release, for a table whose source can't be read; `schema` has the referred columns alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    names = ", ".join(f"CAST({quote_name(column)} AS VARCHAR) AS {quote_name(column)}" for column in schema.names)
    table = quote_text(release.folder / "data" / f"{release.dataset}.parquet")
    with open_work(file.with_suffix(".duckdb"), folders=[file.parent, release.folder]) as connection:
        connection.execute(
            f"COPY (SELECT DISTINCT {names} FROM read_parquet({table}) ORDER BY ALL) "
            f"TO {quote_text(file)} (FORMAT parquet)"
        )
    return ReferredKeys(release.dataset, file, schema, release.number)
