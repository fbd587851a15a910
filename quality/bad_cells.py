"""Every cell that broke a rule, as a table beside the rows: for the sections' workbooks and for rows held back.

A scan shows the first few of them; who mends or holds back rows needs all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
from sqlglot import exp

from quality import keys
from quality.aggregates import readable
from quality.rules.check import KeyCheck, ReferenceCheck, RowCheck, TableCheck
from quality.scan import Scan
from quality.table import BAD_CELLS, JUDGED, ROW


def _failing_rows(connection: duckdb.DuckDBPyConnection, check: RowCheck) -> str:
    row = exp.column(exp.to_identifier(ROW, quoted=True))
    query, fails = exp.select(row).from_(JUDGED), readable(connection, check.fails)
    query = query.qualify(fails) if check.windowed else query.where(fails)
    return query.sql("duckdb", identify=True)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    check: RowCheck | KeyCheck | ReferenceCheck,
    references: Mapping[str, Path],
) -> str:
    """A query of the numbers of the rows that fail; of a key that stands twice, all that have it."""
    if isinstance(check, RowCheck):
        return _failing_rows(connection, check)
    if isinstance(check, KeyCheck):
        return keys.sharing_a_key(check)
    return keys.referring_to_nothing(check, references.get(check.resource))


def mark_bad_cells(
    connection: duckdb.DuckDBPyConnection, scan: Scan, references: Mapping[str, Path] | None = None
) -> None:
    """Make the table BAD_CELLS of a scanned table: `outcome`, `row`, `column`, one line a cell and broken check.

    `outcome` is the check's position in `scan.outcomes`; a key of several columns marks each of them. The views CELLS
    and JUDGED must be those of the scan.

    Args:
        connection: The work connection, after the scan.
        scan: What the scan found; only checks that failed are run again.
        references: Per foreign key's resource, a Parquet file with its key columns as text.
    """
    connection.execute(f'CREATE OR REPLACE TABLE {BAD_CELLS} (outcome INTEGER, "row" BIGINT, "column" VARCHAR)')
    for position, outcome in enumerate(scan.outcomes):
        check = outcome.check
        if not outcome.failed or isinstance(check, TableCheck):
            continue
        failing = _rows(connection, check, references or {})
        connection.execute(
            f'INSERT INTO {BAD_CELLS} SELECT ?, found."{ROW}", "column" '
            f'FROM ({failing}) AS found, (SELECT unnest(?) AS "column")',
            [position, list(check.columns)],
        )
