"""The log of repairs: every cell that a declared repair changed, with what it was before and what it became.

The table REPAIRED_CELLS of the work database has all of them; a `RepairLog` counts them and shows the first few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
from sqlglot import exp

from quality.cells import column, literal
from quality.finding import RepairedCell, RepairLog
from quality.masking import shown
from quality.repairs import doubles
from quality.repairs.catalogue import declared
from quality.repairs.repair import Repair
from quality.table import REPAIRED_CELLS, ROW
from resource_catalog.table_schema import SchemaField, TableSchema


def _cell(step: int) -> exp.Expr:
    return exp.column(f"cell{step}", quoted=True)


def _chain(field: SchemaField, repairs: Sequence[Repair], kept: exp.Expr) -> exp.Select:
    """A field's cells before the first repair and after each, as cell0, cell1 and so on."""
    row = exp.column(ROW, quoted=True)
    rows = exp.select(row, exp.alias_(column(field.name), "cell0", quoted=True)).from_(kept)
    for step, repair in enumerate(repairs):
        mended = exp.alias_(repair.mended(field, _cell(step)), f"cell{step + 1}", quoted=True)
        rows = exp.select(exp.Star(), mended).from_(rows.subquery(f"step{step}"))
    return rows


def _changes(field: SchemaField, repairs: Sequence[Repair], kept: exp.Expr) -> str:
    """A query of the cells that each repair of a field changed, in the columns of REPAIRED_CELLS."""
    selects = []
    chain = _chain(field, repairs, kept).subquery("chain")
    for step, repair in enumerate(repairs):
        before, after = _cell(step), _cell(step + 1)
        facts = [literal(field.name), literal(repair.name), before, after]
        changed = exp.NullSafeNEQ(this=before.copy(), expression=after.copy())
        selects.append(exp.select(exp.column(ROW, quoted=True), *facts).from_(chain.copy()).where(changed))
    return " UNION ALL ".join(select.sql("duckdb", identify=True) for select in selects)


def log_repairs(
    connection: duckdb.DuckDBPyConnection,
    schema: TableSchema,
    headings: Sequence[str],
    source_headings: Mapping[str, str],
    examples: int,
) -> tuple[RepairLog, ...]:
    """Make the table REPAIRED_CELLS (`row`, `column`, `repair`, `before`, `after`) of a table whose CELLS are made.

    Args:
        connection: The work connection.
        schema: The schema that declares the repairs.
        headings: The columns that EXTRACT has.
        source_headings: Their headings in the source, where these are others: people know the columns by them.
        examples: How many cells each log shows, masked where they may be personal.

    Returns:
        One log per field and repair that changed any cell, in the schema's order; first that of rows which went as
        doubles, whose column is "".
    """
    connection.execute(
        f"CREATE OR REPLACE TABLE {REPAIRED_CELLS} "
        f'("row" BIGINT, "column" VARCHAR, repair VARCHAR, before VARCHAR, after VARCHAR)'
    )
    logs = [_doubles(connection, schema, examples)]
    for field, repairs in declared(schema, headings):
        connection.execute(f"INSERT INTO {REPAIRED_CELLS} {_changes(field, repairs, doubles.kept_rows(schema))}")
        logs += [_log(connection, field, repair.name, source_headings, examples) for repair in repairs]
    return tuple(log for log in logs if log.count)


def _doubles(connection: duckdb.DuckDBPyConnection, schema: TableSchema, examples: int) -> RepairLog:
    """The rows that went as doubles; `before` is the number of the row that stayed."""
    if schema.duplicates != doubles.NAME:
        return RepairLog(doubles.NAME, "", 0)
    connection.execute(
        f"INSERT INTO {REPAIRED_CELLS} SELECT \"row\", '', '{doubles.NAME}', CAST(first AS VARCHAR), NULL "
        f"FROM {doubles.TABLE}"
    )
    own = f"FROM {REPAIRED_CELLS} WHERE \"column\" = ''"
    (count,) = connection.execute(f"SELECT count(*) {own}").fetchone() or (0,)
    first = connection.execute(f'SELECT "row", before {own} ORDER BY 1 LIMIT {int(examples)}').fetchall()
    return RepairLog(doubles.NAME, "", count, tuple(RepairedCell(row, before, None) for row, before in first))


def _log(
    connection: duckdb.DuckDBPyConnection,
    field: SchemaField,
    repair: str,
    source_headings: Mapping[str, str],
    examples: int,
) -> RepairLog:
    own = f'FROM {REPAIRED_CELLS} WHERE "column" = ? AND repair = ?'
    (count,) = connection.execute(f"SELECT count(*) {own}", [field.name, repair]).fetchone() or (0,)
    first = connection.execute(
        f'SELECT "row", before, after {own} ORDER BY "row" LIMIT {int(examples)}', [field.name, repair]
    ).fetchall()
    return RepairLog(
        repair=repair,
        column=source_headings.get(field.name, field.name),
        count=count,
        cells=tuple(RepairedCell(row, shown(field, before), shown(field, after)) for row, before, after in first),
        public=field.disclosure == "open",
    )
