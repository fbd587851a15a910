"""Quarantine: hold back the rows that break `must` rules, so that the rest can be published and is proved to be right.

What is held back leaves EXTRACT, which all that follows is made of; EXTRACT_WHOLE keeps every row for the list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from quality.bad_cells import mark_bad_cells
from quality.finding import Finding
from quality.scan import Outcome, Scan
from quality.table import BAD_CELLS, EXTRACT, EXTRACT_WHOLE, HELD_CELLS, ROW


@dataclass(frozen=True)
class Separation:
    """A table without its bad rows, or with all of them where they are too many.

    `rest` is the scan of the rows that are left, of which none breaks a rule that blocks; None where nothing was held
    back. `rows` are how many rows are held back, or would have to be at least; `rules` has per rule how many of them
    break it, `findings` examples.
    """

    rest: Scan | None
    rows: int
    rules: Mapping[str, int]
    findings: tuple[Finding, ...]


def _open_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """EXTRACT becomes a view of the rows that have no cell in HELD_CELLS, which is empty as yet."""
    connection.execute(f'CREATE OR REPLACE TABLE {HELD_CELLS} ("row" BIGINT, "column" VARCHAR, rule VARCHAR)')
    query = "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() AND view_name = ?"
    view = connection.execute(query, [EXTRACT]).fetchone()
    connection.execute(f"ALTER {'VIEW' if view else 'TABLE'} {EXTRACT} RENAME TO {EXTRACT_WHOLE}")
    connection.execute(
        f'CREATE VIEW {EXTRACT} AS SELECT * FROM {EXTRACT_WHOLE} WHERE "{ROW}" NOT IN (SELECT "row" FROM {HELD_CELLS})'
    )


def _add(connection: duckdb.DuckDBPyConnection, faults: Sequence[Outcome]) -> int:
    """Add the cells that were just marked; how many rows are held back now."""
    for position, outcome in enumerate(faults):
        connection.execute(
            f'INSERT INTO {HELD_CELLS} SELECT "row", "column", ? FROM {BAD_CELLS} WHERE outcome = ?',
            [outcome.check.rule.code, position],
        )
    (rows,) = connection.execute(f'SELECT count(DISTINCT "row") FROM {HELD_CELLS}').fetchone() or (0,)
    return int(rows)


def _by_rule(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = f'SELECT rule, count(DISTINCT "row") FROM {HELD_CELLS} GROUP BY rule ORDER BY rule'
    return dict(connection.execute(query).fetchall())


def put_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Have every row in EXTRACT again, once some were held back."""
    connection.execute(f"DELETE FROM {HELD_CELLS}")


def separate(
    connection: duckdb.DuckDBPyConnection,
    whole: Scan,
    limit: int,
    judge: Callable[[], Scan],
    blocking: Callable[[Scan], Sequence[Outcome]],
    references: Mapping[str, Path],
) -> Separation:
    """Take the rows that break rules which block out of EXTRACT, and those that then refer to nothing, until none does.

    Of a key that stands twice, every row that has it is held back, for nobody can say which is right. One row is left
    at least; where more than `limit` would have to go, EXTRACT stays as it is.

    Args:
        connection: The work connection, after the scan.
        whole: What the scan of all rows found.
        limit: How many rows may be held back.
        judge: Scans EXTRACT again.
        blocking: The outcomes of a scan that block.
        references: Per foreign key's resource, a Parquet file with its key columns as text.
    """
    _open_quarantine(connection)
    rest, held, faults = whole, 0, blocking(whole)
    findings: list[Finding] = []
    while faults:
        mark_bad_cells(connection, replace(rest, outcomes=tuple(faults)), references)
        before, held = held, _add(connection, faults)
        findings += [finding for outcome in faults for finding in outcome.findings]
        # What no row answers for (a total, an average) is not mended by holding back rows.
        if held > limit or held == whole.rows or held == before:
            by_rule = _by_rule(connection)
            put_back(connection)
            return Separation(None, held, by_rule, tuple(findings))
        rest = judge()
        faults = blocking(rest)
    return Separation(rest, held, _by_rule(connection), tuple(findings))
