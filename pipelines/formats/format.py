"""What a format is: its name, how its file is called, and how the table ROWS is written to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resource_catalog.table_schema import TableSchema

#: The public columns in their types, in the release's order.
ROWS = "rows_of_release"
#: The row-level differences against the release before, in the form of Delta's change data feed.
CHANGES = "changes_of_release"


def exact_column(field: str) -> str:
    """The column of ROWS with the text of a value that its type does not hold exactly."""
    return f"exact {field}"


@dataclass(frozen=True)
class Format:
    """One format of a release.

    `write` makes the file from ROWS; `obstacle` says in a sentence why a table can't have this format, or "".
    """

    name: str
    title: str
    suffix: str
    media_type: str
    write: Callable[[duckdb.DuckDBPyConnection, TableSchema, Path], None]
    obstacle: Callable[[duckdb.DuckDBPyConnection, TableSchema], str] = lambda _connection, _schema: ""
