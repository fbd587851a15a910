"""The first row that a release and the DataStore don't share, in words for the person who has to look at it."""

from __future__ import annotations

import duckdb

from pipelines.engines.duck import quote_name
from pipelines.targets.ckan.columns import Table
from pipelines.targets.ckan.row_tables import SHOWN, WANTED, canonical

_LONGEST = 80
_SAME = "w._key = s._key AND w._copy = s._copy"

Cells = dict[str, str | None]


def first_difference(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Which row differs first, in the release's order, and in what; "" where none does.

    Args:
        connection: With the release's rows in WANTED and the DataStore's in SHOWN.
        table: Their columns.
    """
    other = _first(connection, "w._number, s._number", f"{WANTED} w JOIN {SHOWN} s ON {_SAME} WHERE w._hash <> s._hash")
    if other:
        wanted = _cells(connection, table, WANTED, other[0])
        return _changed(table, other[0], wanted, _cells(connection, table, SHOWN, other[1]))
    lacking = _first(connection, "w._number", f"{WANTED} w ANTI JOIN {SHOWN} s ON {_SAME}")
    if lacking:
        return f"row {lacking[0]}{_named(table, _cells(connection, table, WANTED, lacking[0]))} is missing"
    beyond = _first(connection, "w._number", f"{SHOWN} w ANTI JOIN {WANTED} s ON {_SAME}")
    if beyond:
        return f"there is a row{_named(table, _cells(connection, table, SHOWN, beyond[0]))} that the release has not"
    return ""


def _first(connection: duckdb.DuckDBPyConnection, numbers: str, rows: str) -> tuple[int, ...] | None:
    return connection.execute(f"SELECT {numbers} FROM {rows} ORDER BY w._number LIMIT 1").fetchone()


def _cells(connection: duckdb.DuckDBPyConnection, table: Table, side: str, number: int) -> Cells:
    cells = ", ".join(f"{canonical(column)} AS {quote_name(column.id)}" for column in table.columns)
    found = connection.execute(f"SELECT {cells} FROM {side} WHERE _number = {number} LIMIT 1").fetchone()
    return dict(zip((column.id for column in table.columns), found or (), strict=True))


def _changed(table: Table, number: int, wanted: Cells, shown: Cells) -> str:
    column = next(name for name in wanted if wanted[name] != shown[name])
    said = f"{column} is {_quoted(shown[column])}, and the release has {_quoted(wanted[column])}"
    return f"in row {number}{_named(table, wanted)} {said}"


def _named(table: Table, cells: Cells) -> str:
    """By what people find the row: its key, or its first cell."""
    names = table.primary_key or (table.columns[0].id,)
    return f" ({', '.join(f'{name} {_quoted(cells[name])}' for name in names)})"


def _quoted(value: str | None) -> str:
    if value is None:
        return "empty"
    return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…")
