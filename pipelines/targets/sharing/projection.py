"""Projection: make the next version of a shared table of a release, as one Delta commit of what differs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work, quote_text
from pipelines.releases import CHANGE_TYPE
from pipelines.targets.sharing import rows
from pipelines.targets.sharing.columns import SharedColumn
from pipelines.targets.sharing.delta_actions import (
    Difference,
    Projection,
    add_changes,
    add_file,
    commit_facts,
    head_of,
    mark_file,
    remove_file,
)
from pipelines.targets.sharing.delta_log import (
    Action,
    Snapshot,
    VersionTakenError,
    broken,
    named_files,
    snapshot,
)
from pipelines.targets.sharing.files import CHANGE_FOLDER, WrittenFile, remove_unnamed, sha256_of, write_parquet
from pipelines.targets.sharing.layout import ROWS_PER_FILE, Layout, choose
from pipelines.targets.sharing.row_digest import rows_digest
from pipelines.targets.sharing.rows import ADDED, LIVE, LOCATED, NUMBER, PATH, REMOVED, TARGET
from resource_catalog.errors import OutsideError

#: How often a writer that came second reads what the other did and tries again.
_TRIES = 20


def project(projection: Projection, work: Path) -> list[tuple[int, list[Action]]]:
    """Make the next version; nothing where the table shows these rows in these columns already.

    Files are written and on the disk before the commit, which is one step; the record that readers go by is the
    caller's to move. A writer that comes second reads what the first did, and tries again.

    Args:
        projection: What to make.
        work: A work file of DuckDB's, in a folder of its own.

    Returns:
        The version and its actions; empty where there is nothing to commit but the release's number.

    Raises:
        OutsideError: the disk failed, the table is broken, or other writers were always first.
    """
    work.parent.mkdir(parents=True, exist_ok=True)
    projection.folder.mkdir(parents=True, exist_ok=True)
    try:
        for _ in range(_TRIES):
            projection.storage.pull(projection.folder)
            before = snapshot(projection.folder)
            try:
                made = _version(projection, before, work)
                projection.storage.commit(projection.folder, made[0], made[1])
            except VersionTakenError:
                continue
            _tidy(projection, made[0])
            return [made]
    finally:
        projection.storage.let_go(projection.folder)
    fix = "let one program publish at a time"
    raise OutsideError("other writers were always first", where=str(projection.folder), fix=fix)


def _tidy(projection: Projection, version: int) -> None:
    """Remove what killed writers left, once the log says what is needed."""
    files = named_files(projection.folder)
    named = {one["path"] for one in files} | {one["tags"].get("vector", "") for one in files}
    remove_unnamed(projection.folder, named, version)
    projection.storage.tidy(projection.folder, named, version)


def _version(projection: Projection, before: Snapshot | None, work: Path) -> tuple[int, list[Action]]:
    folders = [projection.folder, projection.source.release.folder]
    with open_work(work, folders=folders) as connection:
        columns = rows.columns_of(connection, projection.source, projection.policy)
        count = rows.create_target(connection, projection.source, projection.policy, columns)
        number = before.version + 1 if before else 0
        if before is None:
            actions, difference = _first(projection, connection, columns, count), Difference(count, 0, 0)
        else:
            actions, difference = _next(projection, connection, columns, before)
        digest = rows_digest(connection, TARGET, columns)
        head = head_of(projection, columns, before, actions)
        return number, [commit_facts(projection, columns, before, count, difference, digest), *head, *actions]


def _first(
    projection: Projection, connection: duckdb.DuckDBPyConnection, columns: Sequence[SharedColumn], count: int
) -> list[Action]:
    files = _write_rows(projection, connection, columns, f"SELECT {rows.names(columns)} FROM {TARGET}", count, 0)
    return [add_file(one, projection.at) for one in files]


def _write_rows(
    projection: Projection,
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[SharedColumn],
    select: str,
    count: int,
    version: int,
    *,
    small: bool = False,
) -> list[WrittenFile]:
    """Files of at most ROWS_PER_FILE rows each, in the order of the query."""
    parts = -(-count // ROWS_PER_FILE)
    if parts <= 1:
        file = partial(write_parquet, connection, projection.folder, select, version, columns, small=small)
        return [file()] if count else []
    size = -(-count // parts)
    return [
        write_parquet(
            connection,
            projection.folder,
            f"SELECT * FROM ({select}) LIMIT {size} OFFSET {part * size}",
            version,
            columns,
        )
        for part in range(parts)
    ]


def _differ(
    projection: Projection,
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[SharedColumn],
    before: Snapshot,
) -> None:
    """Make REMOVED, ADDED and LOCATED: of the release's own changes where they lead here, else of the rows."""
    rows.create_live(connection, projection.folder, list(before.files.values()), columns)
    if projection.previous and not projection.source.exact:
        rows.differ_by_release(connection, projection.source, projection.policy, columns)
        if rows.locate(connection, columns) and _adds_up(connection, before):
            return
    rows.differ_by_rows(connection, columns)
    if not rows.locate(connection, columns):
        raise broken(projection.folder, "rows that its log tells of are not in its files")


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (found,) = connection.execute(query).fetchall()
    return int(found[0])


def _adds_up(connection: duckdb.DuckDBPyConnection, before: Snapshot) -> bool:
    removed, added, target = (_count(connection, f"SELECT count(*) FROM {table}") for table in (REMOVED, ADDED, TARGET))
    return before.rows - removed + added == target


def _next(
    projection: Projection,
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[SharedColumn],
    before: Snapshot,
) -> tuple[list[Action], Difference]:
    _refuse_harmed(projection.folder, before)
    known = {one["name"] for one in json.loads(before.metadata["schemaString"])["fields"]}
    had = [one for one in columns if one.name in known]
    new = [one for one in columns if one.name not in known]
    live = had if new else columns
    if new:
        _differ_in_columns(projection, connection, columns, had, before)
    else:
        _differ(projection, connection, live, before)
    difference = _counted(connection, columns, projection.key)
    layout = choose(list(before.files.values()), _located(connection), vectors=projection.vectors, whole=bool(new))
    number = before.version + 1
    actions = [remove_file(one, projection.at) for one in layout.rewritten]
    for path, gone in layout.marked.items():
        actions += mark_file(projection, before.files[path], gone)
    actions += _written(projection, connection, columns, layout, number)
    if difference.removed or difference.changed or layout.rewritten:
        select = rows.changed_rows(columns, projection.key)
        file = write_parquet(
            connection, projection.folder, select, number, columns, CHANGE_FOLDER, small=not layout.rewritten
        )
        actions.append(add_changes(file))
    return actions, difference


def _refuse_harmed(table: Path, before: Snapshot) -> None:
    """Build on no file that has other bytes than were written: a version made of it would be wrong for good."""
    for one in before.files.values():
        file = table / one.path
        if not file.is_file() or file.stat().st_size != one.size or sha256_of(file) != one.sha256:
            raise broken(table, f"{one.path} is missing or has other bytes than were written")


def _differ_in_columns(
    projection: Projection,
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[SharedColumn],
    had: Sequence[SharedColumn],
    before: Snapshot,
) -> None:
    """REMOVED and ADDED of a version that has more columns: the rows before had nothing there."""
    rows.create_live(connection, projection.folder, list(before.files.values()), had)
    missing = [one for one in columns if one not in had]
    nothing = ", ".join(f"CAST(NULL AS {one.duck}) AS {rows.names([one])}" for one in missing)
    connection.execute(f"CREATE OR REPLACE TABLE widened_rows AS SELECT *, {nothing} FROM {LIVE}")
    connection.execute(f"CREATE OR REPLACE VIEW {LIVE} AS SELECT * FROM widened_rows")
    rows.differ_by_rows(connection, columns)
    rows.locate(connection, columns)


def _counted(connection: duckdb.DuckDBPyConnection, columns: Sequence[SharedColumn], key: Sequence[str]) -> Difference:
    kinds = connection.execute(
        f"SELECT {CHANGE_TYPE}, count(*) FROM ({rows.changed_rows(columns, key)}) GROUP BY ALL"
    ).fetchall()
    counts = dict(kinds)
    return Difference(counts.get("insert", 0), counts.get("update_postimage", 0), counts.get("delete", 0))


def _located(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    for path, number in connection.execute(f"SELECT {PATH}, {NUMBER} FROM {LOCATED}").fetchall():
        found.setdefault(path, []).append(number)
    return found


def _written(
    projection: Projection,
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[SharedColumn],
    layout: Layout,
    version: int,
) -> list[Action]:
    """The new files: what stays of the rewritten ones, and the rows that were added."""
    select = f"SELECT {rows.names(columns)} FROM {ADDED}"
    count = _count(connection, f"SELECT count(*) FROM {ADDED}")
    if layout.rewritten:
        paths = ", ".join(quote_text(one.path) for one in layout.rewritten)
        stays = (
            f"SELECT {rows.names(columns, 'l')} FROM {LIVE} l ANTI JOIN {LOCATED} o "
            f"ON l.{PATH} = o.{PATH} AND l.{NUMBER} = o.{NUMBER} WHERE l.{PATH} IN ({paths})"
        )
        count += _count(connection, f"SELECT count(*) FROM ({stays})")
        select = f"{stays} UNION ALL {select}"
    return [
        add_file(one, projection.at)
        for one in _write_rows(projection, connection, columns, select, count, version, small=not layout.rewritten)
    ]
