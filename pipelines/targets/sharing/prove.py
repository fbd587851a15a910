"""Prove: read a shared table as a reader does, by another program than wrote it, and hold it against its release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from pipelines.engines.duck import open_work
from pipelines.releases import CHANGE_TYPE
from pipelines.targets.sharing import rows
from pipelines.targets.sharing.checkpoints import checkpoint_versions
from pipelines.targets.sharing.columns import SharedColumn
from pipelines.targets.sharing.delta_log import log_folder
from pipelines.targets.sharing.log_shortening import checkpoint_fault
from pipelines.targets.sharing.records import SharedTable, tables_folder
from pipelines.targets.sharing.row_digest import rows_digest
from pipelines.targets.sharing.rows import TARGET, ShareSource
from pipelines.targets.sharing.storage import FOLDERS, Storage

#: Of a table, for another program: its address, and options.
Address = tuple[str, Mapping[str, str]]
_READ, _REPLICA, _CHANGES = "rows_read", "rows_of_replica", "changes_read"


def _file_faults(folder: Path, table: SharedTable, storage: Storage) -> Iterator[str]:
    for one in table.files:
        found = storage.digest(folder, one.path)
        if found is None:
            yield f"{one.path} is missing"
        elif found != (one.size, one.sha256):
            yield f"{one.path} has other bytes than were written"


def _log_faults(folder: Path) -> Iterator[str]:
    """Checkpoints that say something else than the commits."""
    for version in checkpoint_versions(log_folder(folder)):
        fault = checkpoint_fault(folder, version)
        if fault:
            yield fault


def _fill(connection: duckdb.DuckDBPyConnection, table: str, stream: object) -> None:
    """What a reader got, as a table."""
    reader = pyarrow.RecordBatchReader.from_stream(stream)
    connection.register("stream_read", reader)
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM stream_read")
    finally:
        connection.unregister("stream_read")


def _opened(address: Address, version: int | None = None) -> DeltaTable:
    place, options = address
    return DeltaTable(place, version=version, storage_options=dict(options))


def _read_version(connection: duckdb.DuckDBPyConnection, address: Address, version: int, table: str) -> None:
    reader = QueryBuilder().register("shared", _opened(address, version))
    _fill(connection, table, reader.execute("SELECT * FROM shared"))


def _replica_fault(
    connection: duckdb.DuckDBPyConnection, address: Address, table: SharedTable, columns: Sequence[SharedColumn]
) -> Iterator[str]:
    """A bureau that has the first version and then takes the changes alone must have the current one."""
    current = table.current_version or 0
    if current <= table.first_version:
        return
    known = rows.names(columns)
    _read_version(connection, address, table.first_version, _REPLICA)
    changes = _opened(address).load_cdf(starting_version=table.first_version + 1, ending_version=current)
    _fill(connection, _CHANGES, changes)
    gone, come = (
        f"SELECT {known} FROM {_CHANGES} WHERE {CHANGE_TYPE} IN {kinds}"
        for kinds in ("('delete', 'update_preimage')", "('insert', 'update_postimage')")
    )
    # As multisets: replica + come = current + gone.
    left = f"(SELECT {known} FROM {_REPLICA} UNION ALL {come})"
    right = f"(SELECT {known} FROM {_READ} UNION ALL {gone})"
    for one, other in ((left, right), (right, left)):
        (found,) = connection.execute(
            f"SELECT count(*) FROM (SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other})"
        ).fetchall()
        if found[0]:
            yield f"the changes since version {table.first_version} do not lead to version {current}"
            return


def prove_table(
    store: Path, table: SharedTable, source: ShareSource | None, work: Path, storage: Storage = FOLDERS
) -> list[str]:
    """What is wrong with a shared table; nothing where it shows its release to the row.

    Args:
        store: The sharing store.
        table: The record.
        source: The release that the current version shows; None where it can't be had any more.
        work: A work file of DuckDB's.
        storage: Where the tables lie.
    """
    folder, current = tables_folder(store) / table.id, table.current
    said = f"table {table.id}"
    if current is None:
        return [f"{said}: it has no version"]
    faults = [*_file_faults(folder, table, storage), *_log_faults(folder)]
    if faults:
        return [f"{said}: {fault}" for fault in faults]
    work.parent.mkdir(parents=True, exist_ok=True)
    address = storage.reader(folder)
    with open_work(work, folders=[source.release.folder] if source else []) as connection:
        try:
            _read_version(connection, address, current.version, _READ)
            digest = rows_digest(connection, _READ, table.columns)
            if digest != current.rows_digest:
                faults.append(f"version {current.version} has other rows than its receipt says")
            faults += _replica_fault(connection, address, table, table.columns)
        except (DeltaError, OSError) as error:
            faults.append(f"a reader can't read it: {error}")
        if source is not None:
            rows.create_target(connection, source, table.policy, table.columns)
            if rows_digest(connection, TARGET, table.columns) != current.rows_digest:
                faults.append(f"version {current.version} has other rows than release {current.release}")
    return [f"{said}: {fault}" for fault in faults]
