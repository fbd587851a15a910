"""Rows by CKAN's own actions: a whole load while nobody sees the table, and the least possible change once they do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.engines.duck import quote_name
from pipelines.targets.ckan import datastore
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.columns import Table
from pipelines.targets.ckan.datastore import Row
from pipelines.targets.ckan.errors import PortalError, UnknownOutcome
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_tables import SHOWN, WANTED

_TRIES = 3
_BATCH = 20_000


@dataclass(frozen=True)
class Gap:
    """How long readers could see a state in between, in seconds, and why; 0 where they could not."""

    seconds: float = 0.0
    why: str = ""


def load(client: Client, resource: str, release: ReleaseRows) -> None:
    """Fill a table that nobody sees yet, and read it back; what is there already is replaced.

    Raises:
        PortalError: the portal refused, or shows other rows.
    """
    for tried in range(1, _TRIES + 1):
        datastore.make_table(client, resource, release.table)
        try:
            datastore.insert(client, resource, release.table, _rows(release, f"SELECT {_cells(release)} FROM {WANTED}"))
            break
        except UnknownOutcome:  # some rows may be there: from the start, since nobody sees them
            if tried == _TRIES:
                raise
    if datastore.read_rows(client, resource, release, anonymous=False) != release.checksum:
        fix = "look at the portal's log, then run again"
        raise PortalError("the DataStore shows other rows than were loaded", where=resource, fix=fix)


def keyed_by_one(table: Table) -> bool:
    """Whether rows can be named to CKAN by their key alone; else they are named by their `_id`, which must be read."""
    kinds = {column.id: column.type for column in table.columns}
    return len(table.primary_key) == 1 and kinds[table.primary_key[0]] in ("text", "int8")


def bring_up(client: Client, resource: str, release: ReleaseRows, *, same_shape: bool, known: bool) -> Gap:
    """Bring a table that readers see to a release's rows: row by row, or anew where its columns are others.

    Args:
        client: The portal.
        resource: Whose table it is.
        release: The rows that are wanted.
        same_shape: Whether columns, types and keys stay.
        known: Whether SHOWN has the rows that the table has, and a key names them.

    Raises:
        PortalError: the portal refused; what was done stays, and the next run goes on from there.
    """
    start = time.monotonic()
    if not same_shape:
        load(client, resource, release)
        return Gap(
            time.monotonic() - start, "the table's columns or keys changed, so it was loaded anew in their sight"
        )
    first, calls = 0.0, 0
    for tried in range(1, _TRIES + 1):
        by_key = known and tried == 1
        if not by_key:
            datastore.read_rows(client, resource, release, anonymous=False)
        differences = _Differences(release, by_key=by_key)
        calls += differences.calls
        first = first or time.monotonic()
        try:
            differences.carry_out(client, resource)
            break
        except UnknownOutcome:  # what the table has now is read, and only what differs still is done
            if tried == _TRIES:
                raise
    return Gap(time.monotonic() - first, f"rows were changed in {calls} calls") if calls > 1 else Gap()


class _Differences:
    """What turns SHOWN into WANTED; by key where there is one, else a row that changed is one removed and one added."""

    def __init__(self, release: ReleaseRows, *, by_key: bool) -> None:
        self._release = release
        self._name = release.table.primary_key[0] if by_key else "_id"
        naming = quote_name(self._name) if by_key else "number"
        same = "w.key = s.key AND w.copy = s.copy"
        cells = _cells(release, "w.")
        self._removed = f"SELECT s.{naming} FROM {SHOWN} s ANTI JOIN {WANTED} w ON {same}"
        self._added = f"SELECT {cells} FROM {WANTED} w ANTI JOIN {SHOWN} s ON {same}"
        self._changed = f"SELECT {cells} FROM {WANTED} w JOIN {SHOWN} s ON {same} WHERE w.hash <> s.hash"

    @property
    def calls(self) -> int:
        """How many writes it takes; each by itself is whole for readers."""
        execute = self._release.connection.execute
        parts = (self._removed, self._added, self._changed)
        counts = [int(execute(f"SELECT count(*) FROM ({part})").fetchall()[0][0]) for part in parts]
        return sum(-(-count // datastore.BATCH) for count in counts)

    def carry_out(self, client: Client, resource: str) -> None:
        """Change, add, remove."""
        table = self._release.table
        datastore.update(client, resource, table, _rows(self._release, self._changed))
        datastore.insert(client, resource, table, _rows(self._release, self._added))
        names = [row[0] for row in self._release.connection.execute(self._removed).fetchall()]
        datastore.delete(client, resource, self._name, names)


def _cells(release: ReleaseRows, side: str = "") -> str:
    return ", ".join(f"{side}{quote_name(column.id)}" for column in release.table.columns)


def _rows(release: ReleaseRows, query: str) -> Iterator[Row]:
    cursor = release.connection.cursor()
    cursor.execute(query)
    while batch := cursor.fetchmany(_BATCH):
        yield from batch
