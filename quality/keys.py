"""Keys over a whole table: values that stand twice, and values without the record that they refer to."""

from __future__ import annotations

from pathlib import Path

import duckdb

from quality.finding import Finding
from quality.masking import shown
from quality.rules.check import KeyCheck, ReferenceCheck
from quality.table import CELLS, EXTRACT, ROW, value_column
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema

#: judged, failed, examples
Result = tuple[int, int, tuple[Finding, ...]]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _values(columns: tuple[str, ...]) -> list[str]:
    return [_quoted(value_column(column)) for column in columns]


def _all_there(expressions: list[str]) -> str:
    return " AND ".join(f"{expression} IS NOT NULL" for expression in expressions)


def _raw(connection: duckdb.DuckDBPyConnection, row: int, columns: tuple[str, ...], schema: TableSchema) -> str:
    """The key's cells in one row as the source has them, masked where they may be personal."""
    names = ", ".join(_quoted(column) for column in columns)
    cells = connection.execute(f'SELECT {names} FROM {EXTRACT} WHERE "{ROW}" = {int(row)}').fetchone() or ()
    return ", ".join(shown(schema.field(name), cell) or "" for name, cell in zip(columns, cells, strict=True))


def _counted(connection: duckdb.DuckDBPyConnection, key: str, there: str) -> tuple[int, int]:
    """Rows that have the key, and how many different keys they have."""
    return connection.execute(f"SELECT count(*), count(DISTINCT {key}) FROM {CELLS} WHERE {there}").fetchone() or (0, 0)


def repeated(connection: duckdb.DuckDBPyConnection, check: KeyCheck, schema: TableSchema, examples: int) -> Result:
    """Rows whose key stands in an earlier row; a key with a missing value is no key."""
    columns = _values(check.columns)
    there = _all_there(columns)
    # As many hashes as rows, and no key stands twice, for equal keys have equal ones; numbers are counted sooner.
    judged, distinct = _counted(connection, f"hash({', '.join(columns)})", there)
    if judged != distinct:
        judged, distinct = _counted(connection, columns[0] if len(columns) == 1 else f"({', '.join(columns)})", there)
    if judged == distinct:
        return judged, 0, ()
    listed = connection.execute(
        f'SELECT "{ROW}", first FROM (SELECT "{ROW}", min("{ROW}") OVER (PARTITION BY {", ".join(columns)}) AS first '
        f'FROM {CELLS} WHERE {there}) WHERE "{ROW}" > first ORDER BY 1 LIMIT {int(examples)}'
    ).fetchall()
    name = ", ".join(check.columns)
    findings = tuple(
        check.rule.finding(row=row, column=name, value=_raw(connection, row, check.columns, schema), first=first)
        for row, first in listed
    )
    return judged, judged - distinct, findings


def sharing_a_key(check: KeyCheck) -> str:
    """A query of the numbers of all rows whose key stands in another row, too."""
    columns = _values(check.columns)
    return (
        f'SELECT "{ROW}" FROM {CELLS} WHERE {_all_there(columns)} '
        f"QUALIFY count(*) OVER (PARTITION BY {', '.join(columns)}) > 1"
    )


def _dangling(check: ReferenceCheck, file: Path | None) -> tuple[str, str]:
    """(where a row has all columns of the foreign key, where it has them and no record does)."""
    own = _values(check.columns)
    there = _all_there(own)
    if file is None:
        names = ", ".join(f"CAST({value} AS VARCHAR)" for value in _values(check.reference))
        known = f"SELECT {names} FROM {CELLS}"
    else:
        path = str(file).replace("'", "''")
        known = f"SELECT {', '.join(_quoted(column) for column in check.reference)} FROM read_parquet('{path}')"
    key = ", ".join(f"CAST({value} AS VARCHAR)" for value in own)
    return there, f"{there} AND ({key}) NOT IN ({known_keys(known, len(own))})"


def referring_to_nothing(check: ReferenceCheck, file: Path | None) -> str:
    """A query of the numbers of the rows whose foreign key has no record; `file` as in `without_record`."""
    return f'SELECT "{ROW}" FROM {CELLS} WHERE {_dangling(check, file)[1]}'


def without_record(
    connection: duckdb.DuckDBPyConnection,
    check: ReferenceCheck,
    schema: TableSchema,
    file: Path | None,
    examples: int,
) -> Result:
    """Rows whose foreign key is in no record of the table that it refers to; `file` has that table's keys as text.

    Raises:
        WorkspaceError: nothing is known of that table.
    """
    if check.resource and file is None:
        raise WorkspaceError(
            f"the foreign key on {', '.join(check.columns)} refers to {check.resource!r}, whose data is not at hand",
            fix="name a dataset of the catalogue that has a source and a schema",
        )
    there, condition = _dangling(check, file)
    judged, failed, rows = connection.execute(
        f"SELECT count(*) FILTER (WHERE {there}), count(*) FILTER (WHERE {condition}), "
        f'min("{ROW}", {int(examples)}) FILTER (WHERE {condition}) FROM {CELLS}'
    ).fetchone() or (0, 0, [])
    findings = tuple(
        check.rule.finding(
            row=row,
            column=", ".join(check.columns),
            value=_raw(connection, row, check.columns, schema),
            reference=f"{check.resource or 'this table'} ({', '.join(check.reference)})",
        )
        for row in rows or []
    )
    return judged, failed, findings


def known_keys(query: str, width: int) -> str:
    """The keys of a query without those that have a NULL, which would make NOT IN answer NULL for every row."""
    names = [f"k{position}" for position in range(width)]
    there = _all_there(names)
    columns = ", ".join(names)
    picked = names[0] if width == 1 else f"({columns})"
    return f"SELECT {picked} FROM ({query}) AS known({columns}) WHERE {there}"
