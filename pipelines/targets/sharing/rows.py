"""The rows of a shared table in DuckDB: of a release under a policy, of the table as it is, and what differs.

TARGET is the release's rows under the policy, LIVE the table's with their place, REMOVED and ADDED the difference as
multisets, LOCATED the places of the removed rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work, quote_name, quote_text
from pipelines.handover import Release
from pipelines.releases import CHANGE_TYPE
from pipelines.targets.sharing.columns import SharedColumn, shared_column
from pipelines.targets.sharing.delta_log import LiveFile
from resource_catalog.sharing_policy import Policy
from resource_catalog.table_schema import TableSchema

TARGET, LIVE, REMOVED, ADDED, LOCATED = "target_rows", "live_rows", "removed_rows", "added_rows", "located_rows"
_GONE = "gone_rows"
#: Columns of LIVE and LOCATED beside the table's own.
PATH, NUMBER = "__path__", "__number__"


@dataclass(frozen=True)
class ShareSource:
    """The release that a shared table shows, its schema, and the store in which it lies (`releases` or `shared`).

    `exact` are the columns of type number that a double does not hold in every row: they are shared as text.
    """

    release: Release
    schema: TableSchema
    store: str
    exact: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        """Its rows in their types."""
        return self.release.folder / "data" / f"{self.release.dataset}.parquet"

    @property
    def text(self) -> Path:
        """Its rows with every digit."""
        return self.release.folder / "data" / f"{self.release.dataset}.csv"

    @property
    def changes(self) -> Path:
        """Its differences against the release before."""
        return self.release.folder / "changes.parquet"


def names(columns: Sequence[SharedColumn], alias: str = "") -> str:
    """The columns as an SQL list."""
    dot = f"{alias}." if alias else ""
    return ", ".join(dot + quote_name(one.name) for one in columns)


def _types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {query})").fetchall()
    return dict(described)


def _read(source: ShareSource) -> str:
    """The release's rows, with the exact text of numbers that a double does not hold in their place."""
    data = f"read_parquet({quote_text(source.data)})"
    if not source.exact:
        return f"SELECT * FROM {data}"
    missing = source.schema.missing_values[0] if source.schema.missing_values else ""
    options = f"header = true, all_varchar = true, delim = ',', quote = '\"', nullstr = {quote_text(missing)}"
    exact = ", ".join(f"t.{quote_name(name)} AS {quote_name(name)}" for name in source.exact)
    text = f"read_csv({quote_text(source.text)}, {options})"
    # Both files are written from one table in one order.
    return f"SELECT d.* REPLACE ({exact}) FROM {data} d POSITIONAL JOIN {text} t"


def columns_of(connection: duckdb.DuckDBPyConnection, source: ShareSource, policy: Policy) -> tuple[SharedColumn, ...]:
    """The policy's columns as the release has them, in the release's order."""
    kinds = _types(connection, _read(source))
    return tuple(shared_column(one, kinds[one.name]) for one in source.schema.fields if one.name in policy.columns)


def source_columns(source: ShareSource, work: Path) -> dict[str, SharedColumn]:
    """All columns of a release as shared tables have them, by name; `work` is a work file of DuckDB's."""
    work.parent.mkdir(parents=True, exist_ok=True)
    with open_work(work, folders=[source.release.folder]) as connection:
        everything = Policy(source.release.dataset, source.schema.names)
        return {one.name: one for one in columns_of(connection, source, everything)}


def _condition(policy: Policy) -> str:
    """SQL of whether a row may be read; a missing value is meant by an empty text."""
    said = [
        f"coalesce(CAST({quote_name(name)} AS VARCHAR), '') IN ({', '.join(map(quote_text, values))})"
        for name, values in sorted(policy.conditions.items())
    ]
    return " AND ".join(said) or "true"


def _selected(columns: Sequence[SharedColumn], kinds: dict[str, str]) -> str:
    return ", ".join(f"{one.expression(kinds[one.name])} AS {quote_name(one.name)}" for one in columns)


def create_target(
    connection: duckdb.DuckDBPyConnection, source: ShareSource, policy: Policy, columns: Sequence[SharedColumn]
) -> int:
    """Make TARGET, a view in the release's order; returns its rows."""
    kinds = _types(connection, _read(source))
    select = f"SELECT {_selected(columns, kinds)} FROM ({_read(source)}) WHERE {_condition(policy)}"
    connection.execute(f"CREATE OR REPLACE VIEW {TARGET} AS {select}")
    (count,) = connection.execute(f"SELECT count(*) FROM {TARGET}").fetchall()[0]
    return int(count)


def create_live(
    connection: duckdb.DuckDBPyConnection, table: Path, files: Sequence[LiveFile], columns: Sequence[SharedColumn]
) -> None:
    """Make LIVE, a view: the table's rows that count, each with its file and its number in it from 0."""
    if not files:
        empty = ", ".join(f"CAST(NULL AS {one.duck}) AS {quote_name(one.name)}" for one in columns)
        connection.execute(
            f"CREATE OR REPLACE VIEW {LIVE} AS SELECT '' AS {PATH}, CAST(0 AS BIGINT) AS {NUMBER}, {empty} WHERE false"
        )
        return
    connection.execute(f"CREATE OR REPLACE TABLE {_GONE} ({PATH} VARCHAR, {NUMBER} BIGINT)")
    for one in files:
        if one.gone:
            connection.execute(f"INSERT INTO {_GONE} SELECT ?, unnest(?)", [one.path, list(one.gone)])
    listed = ", ".join(quote_text(table / one.path) for one in files)
    prefix = len(str(table)) + 2
    read = f"read_parquet([{listed}], filename = true, file_row_number = true, union_by_name = true)"
    connection.execute(
        f"CREATE OR REPLACE VIEW {LIVE} AS SELECT l.* FROM ("
        f"SELECT filename[{prefix}:] AS {PATH}, file_row_number AS {NUMBER}, {names(columns)} FROM {read}) l "
        f"ANTI JOIN {_GONE} g ON l.{PATH} = g.{PATH} AND l.{NUMBER} = g.{NUMBER}"
    )


def _create_differences(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[SharedColumn], before: str, after: str
) -> None:
    known = names(columns)
    for table, mine, theirs in ((REMOVED, before, after), (ADDED, after, before)):
        select = f"SELECT {known} FROM {mine} EXCEPT ALL SELECT {known} FROM {theirs}"
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS {select}")


def differ_by_release(
    connection: duckdb.DuckDBPyConnection, source: ShareSource, policy: Policy, columns: Sequence[SharedColumn]
) -> None:
    """Make REMOVED and ADDED of the release's own changes: rows that the policy shows, before and after.

    A row that leaves the conditions is removed, one that enters them is added; a change that the policy doesn't show
    is none.
    """
    file = f"read_parquet({quote_text(source.changes)})"
    kinds = _types(connection, f"SELECT * FROM {file}")
    for view, kind in (
        ("rows_before", "('delete', 'update_preimage')"),
        ("rows_after", "('insert', 'update_postimage')"),
    ):
        connection.execute(
            f"CREATE OR REPLACE VIEW {view} AS SELECT {_selected(columns, kinds)} FROM {file} "
            f"WHERE {CHANGE_TYPE} IN {kind} AND {_condition(policy)}"
        )
    _create_differences(connection, columns, "rows_before", "rows_after")


def differ_by_rows(connection: duckdb.DuckDBPyConnection, columns: Sequence[SharedColumn]) -> None:
    """Make REMOVED and ADDED of LIVE and TARGET themselves, whatever lies between the two releases."""
    _create_differences(connection, columns, LIVE, TARGET)


def locate(connection: duckdb.DuckDBPyConnection, columns: Sequence[SharedColumn]) -> bool:
    """Make LOCATED; whether every removed row was found, each copy of a row in a place of its own."""
    known = names(columns)
    same = " AND ".join(f"l.{quote_name(one.name)} IS NOT DISTINCT FROM r.{quote_name(one.name)}" for one in columns)
    connection.execute(
        f"CREATE OR REPLACE TABLE {LOCATED} AS SELECT {PATH}, {NUMBER} FROM ("
        f"SELECT l.{PATH}, l.{NUMBER}, r.copies, "
        f"row_number() OVER (PARTITION BY {names(columns, 'l')} ORDER BY l.{PATH}, l.{NUMBER}) AS copy "
        f"FROM {LIVE} l JOIN (SELECT {known}, count(*) AS copies FROM {REMOVED} GROUP BY {known}) r ON {same}"
        f") WHERE copy <= copies"
    )
    found, wanted = (
        connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in (LOCATED, REMOVED)
    )
    return bool(found == wanted)


def changed_rows(columns: Sequence[SharedColumn], key: Sequence[str]) -> str:
    """SQL of the change data: REMOVED and ADDED with their kind, the two sides of one key side by side.

    Without a key among the columns a changed row is one deleted and one inserted.
    """
    known = names(columns)
    if not key or not set(key) <= {one.name for one in columns}:
        return (
            f"SELECT {known}, 'delete' AS {CHANGE_TYPE} FROM {REMOVED} UNION ALL SELECT {known}, 'insert' FROM {ADDED}"
        )
    on = " AND ".join(f"m.{quote_name(name)} = t.{quote_name(name)}" for name in key)
    parts = [
        f"SELECT {names(columns, 'm')}, CASE WHEN EXISTS (SELECT 1 FROM {theirs} t WHERE {on}) "
        f"THEN '{both}' ELSE '{alone}' END AS {CHANGE_TYPE} FROM {mine} m"
        for mine, theirs, both, alone in (
            (REMOVED, ADDED, "update_preimage", "delete"),
            (ADDED, REMOVED, "update_postimage", "insert"),
        )
    ]
    order = ", ".join(quote_name(name) for name in key)
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY {order}, {CHANGE_TYPE} DESC"
