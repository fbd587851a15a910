"""SQLite files: a table for each stream."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.stream import Cell, Table


def write_tables(file: Path, parts: Sequence[Part]) -> None:
    """Write every stream of the file as a table of its own."""
    with closing(sqlite3.connect(file)) as database, database:
        for part in parts:
            _write_table(database, part)


def _write_table(database: sqlite3.Connection, part: Part) -> None:
    form = part.form
    assert isinstance(form, Table)  # noqa: S101 - the table of writers pairs them
    columns = ", ".join(f'"{name}" {form.types.get(name, "TEXT")}' for name in part.names)
    database.execute(f'CREATE TABLE "{form.table}" ({columns})')
    marks = ", ".join("?" * len(part.names))
    database.executemany(f'INSERT INTO "{form.table}" VALUES ({marks})', ([*map(_value, row)] for row in part.rows))


def _value(cell: Cell) -> str | int | None:
    if isinstance(cell, datetime.date | Decimal):
        return written(cell)
    return cell
