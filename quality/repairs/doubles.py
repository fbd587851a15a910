"""The repair of rows that stand twice, cell by cell: the first stays, the others go (standards.md 8 no. 19).

A table declares it with `duplicates: collapse`. Rows that share a key and differ anywhere are no doubles, and stay to
be found.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from sqlglot import exp

from quality.cells import column
from quality.table import EXTRACT, ROW
from resource_catalog.table_schema import TableSchema

NAME = "collapse"
#: The rows that go: `row`, and `first`, the row that they double.
TABLE = "doubled_rows"


def learn(connection: duckdb.DuckDBPyConnection, schema: TableSchema, headings: Sequence[str]) -> None:
    """Make the table of doubled rows, where the schema declares the repair."""
    if schema.duplicates != NAME:
        return
    cells = ", ".join(column(name).sql("duckdb", identify=True) for name in headings)
    connection.execute(
        f'CREATE OR REPLACE TABLE {TABLE} AS SELECT "{ROW}" AS "row", first FROM ('
        f'SELECT "{ROW}", min("{ROW}") OVER (PARTITION BY {cells}) AS first FROM {EXTRACT}) WHERE "{ROW}" > first'
    )


def kept_rows(schema: TableSchema) -> exp.Expr:
    """EXTRACT, without its doubled rows where the schema declares the repair."""
    rows = exp.to_table(EXTRACT)
    if schema.duplicates != NAME:
        return rows
    doubled = exp.select(exp.column("row", quoted=True)).from_(TABLE)
    own = exp.column(ROW, quoted=True)
    return exp.select(exp.Star()).from_(rows).where(exp.not_(own.isin(query=doubled))).subquery("kept")
