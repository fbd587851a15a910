"""Retention: how long old versions and their files are served, and when what nobody may need any more is removed.

First the record says from which version on is served, then the state that the server reads, and only in a later run the
files go: a reader who was given an address just before has its whole life time.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.targets.sharing.log_shortening import keep_short
from pipelines.targets.sharing.records import DataFile, Raised, SharedTable, instant, tables_folder
from pipelines.targets.sharing.storage import Storage
from resource_catalog.errors import OutsideError


@dataclass(frozen=True)
class Keeping:
    """How long a version is served once another follows it, and how long an address of a file may live."""

    versions: datetime.timedelta
    addresses: datetime.timedelta


def _at(written: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(written)


def expired(table: SharedTable, keeping: Keeping, now: datetime.datetime) -> SharedTable:
    """The record with the first version that is still served: the oldest whose successor is younger than is kept."""
    first = table.first_version
    for one, following in zip(table.versions, table.versions[1:], strict=False):
        if one.version >= first and now - _at(following.at) > keeping.versions:
            first = following.version
    if first == table.first_version:
        return table
    return replace(table, first_version=first, raised=(*table.raised, Raised(first, instant(now))))


def needed(one: DataFile, first_version: int) -> bool:
    """Whether a served version, or the changes that lead from one to the next, has the file."""
    return one.last_version is None or one.last_version >= first_version


def swept(store: Path, table: SharedTable, keeping: Keeping, now: datetime.datetime, storage: Storage) -> SharedTable:
    """Remove the files that no version has had that was served a life time of an address ago; the record without them.

    The commits of these versions go, too, as far as a checkpoint stands for them. A retired table goes as a whole once
    the addresses of its files have run out. What can't be removed now stays in the record, and a later run tries again.
    """
    folder = tables_folder(store) / table.id
    if table.retired_at is not None:
        if table.emptied or now - _at(table.retired_at) <= keeping.addresses:
            return table
        try:
            storage.remove_table(folder)
        except (OSError, OutsideError):
            return table
        return replace(table, files=(), emptied=True)
    over = [one for one in table.raised if now - _at(one.at) > keeping.addresses]
    settled = over[-1].first_version if over else None if table.raised else table.first_version
    keep_short(folder, table.current_version or 0, settled)
    kept = tuple(one for one in table.files if not over or needed(one, over[-1].first_version))
    try:
        storage.show_log(folder)
        storage.remove(folder, [one.path for one in table.files if one not in kept])
    except (OSError, OutsideError):
        return table
    return replace(table, files=kept, raised=table.raised[len(over) :])


def removed_at_once(store: Path, table: SharedTable, storage: Storage) -> SharedTable:
    """A withdrawn table: every file of it goes now."""
    storage.remove_table(tables_folder(store) / table.id)
    return replace(table, files=(), emptied=True)
