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
from pipelines.targets.ckan.errors import Invalid, PortalError, UnknownOutcome
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_tables import SHOWN, WANTED, store_hashes

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
            datastore.insert(
                client,
                resource,
                release.table,
                _rows(release, f"SELECT {_cells(release)} FROM {WANTED} ORDER BY _number"),
            )
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


class RowChange:
    """Brings a table that readers see to a release's rows: row by row, or anew where its columns are others.

    What is to be done is found out at once, so that `carry_out` keeps readers in between as short as it can be.

    Args:
        client: The portal.
        resource: Whose table it is.
        release: The rows that are wanted.
        same_shape: Whether columns, types and keys stay.
        known: Whether SHOWN has the rows that the table has, and a key names them; else they are read.
    """

    def __init__(self, client: Client, resource: str, release: ReleaseRows, *, same_shape: bool, known: bool) -> None:
        self._client, self._resource, self._release = client, resource, release
        self._by_key = known
        self._differences = self._compared() if same_shape else None

    def _compared(self) -> _Differences:
        if not self._by_key:
            datastore.read_rows(self._client, self._resource, self._release, anonymous=False)
        return _Differences(self._release, by_key=self._by_key)

    def carry_out(self) -> Gap:
        """Change the rows; how long readers could see some of both.

        Raises:
            PortalError: the portal refused; what was done stays, and the next run goes on from there.
        """
        start = time.monotonic()
        if self._differences is None:
            load(self._client, self._resource, self._release)
            why = "the table's columns or keys changed, so it was loaded anew in their sight"
            return Gap(time.monotonic() - start, why)
        for tried in range(1, _TRIES + 1):
            try:
                self._differences.carry_out(self._client, self._resource)
                break
            except (Invalid, UnknownOutcome) as error:
                if tried == _TRIES or (isinstance(error, Invalid) and not self._by_key):
                    raise
                # What the table has now is read, and only what differs still is done; so also where a run that was cut
                # short had left other rows than the page says.
                self._by_key = False
                self._differences = self._compared()
        return Gap(time.monotonic() - start, f"rows were changed in {self._differences.calls} calls after the page")


class _Differences:
    """What turns SHOWN into WANTED; by key where there is one, else a row that changed is one removed and one added."""

    def __init__(self, release: ReleaseRows, *, by_key: bool) -> None:
        self._release = release
        self._name = release.table.primary_key[0] if by_key else "_id"
        naming = quote_name(self._name) if by_key else "_number"
        execute = release.connection.execute
        for side in (SHOWN, WANTED):
            store_hashes(release.connection, side)
        same = "w._key = s._key AND w._copy = s._copy"
        gone = f"SELECT s._number FROM {SHOWN}_hashes s ANTI JOIN {WANTED}_hashes w ON {same}"
        self._removed = [
            row[0] for row in execute(f"SELECT {naming} FROM {SHOWN} SEMI JOIN ({gone}) USING (_number)").fetchall()
        ]
        other = f"{WANTED}_hashes w LEFT JOIN {SHOWN}_hashes s ON {same} WHERE w._hash IS DISTINCT FROM s._hash"
        numbers = f"SELECT w._number, s._hash IS NULL AS _is_new FROM {other}"
        execute(f"CREATE OR REPLACE TABLE put AS SELECT * FROM {WANTED} JOIN ({numbers}) USING (_number)")
        counted = "count(*) FILTER (_is_new), count(*) FILTER (NOT _is_new)"
        counts = execute(f"SELECT {counted} FROM put").fetchall()[0]
        self.calls = sum(-(-int(count) // datastore.BATCH) for count in (*counts, len(self._removed)))

    def carry_out(self, client: Client, resource: str) -> None:
        """Change, add, remove."""
        for part, write in (("NOT _is_new", datastore.update), ("_is_new", datastore.insert)):
            rows = _rows(self._release, f"SELECT {_cells(self._release)} FROM put WHERE {part} ORDER BY _number")
            write(client, resource, self._release.table, rows)
        datastore.delete(client, resource, self._name, self._removed)


def _cells(release: ReleaseRows) -> str:
    return ", ".join(quote_name(column.id) for column in release.table.columns)


def _rows(release: ReleaseRows, query: str) -> Iterator[Row]:
    cursor = release.connection.cursor()
    cursor.execute(query)
    while batch := cursor.fetchmany(_BATCH):
        yield from batch
