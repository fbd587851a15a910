"""All cells that declared repairs changed in one dataset, as a CSV file for its officers."""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.engines.duck import open_work
from quality.masking import shown
from quality.table import REPAIRED_CELLS
from resource_catalog.table_schema import TableSchema

HEADINGS = ("row", "column", "repair", "before", "after")


def write_repair_table(database: Path, schema: TableSchema, file: Path) -> None:
    """Write the table REPAIRED_CELLS of a checked dataset's work database, by row; personal cells are masked.

    Columns go by the schema's names, rows as a person counts them in the source. A byte order mark comes first, for
    spreadsheets would not know the encoding.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with open_work(database) as connection, file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADINGS)
        changed = connection.execute(
            f'SELECT "row", "column", repair, before, after FROM {REPAIRED_CELLS} ORDER BY "row", "column", rowid'
        )
        while rows := changed.fetchmany(10_000):
            for row, column, repair, before, after in rows:
                cells = (
                    (before, after) if not column else (shown(schema.field(column), cell) for cell in (before, after))
                )
                writer.writerow((row, column, repair, *cells))
