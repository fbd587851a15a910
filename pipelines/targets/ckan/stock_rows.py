"""Rows by CKAN's own actions: a whole load while nobody sees the table, and the least possible change once they do."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pipelines.targets.ckan import datastore
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import Invalid, PortalError, UnknownOutcome
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_tables import WANTED
from pipelines.targets.ckan.table_changes import TableChanges, cells_of, compared, fetch_rows
from pipelines.targets.ckan.table_dump import dumps_release

_TRIES = 3


@dataclass(frozen=True)
class Gap:
    """How long readers could see a state in between, in seconds, and why; 0 where they could not."""

    seconds: float = 0.0
    why: str = ""


def load(client: Client, resource: str, release: ReleaseRows, *, absent: bool = False) -> None:
    """Fill a table that nobody sees yet, and read it back; what is there already is replaced.

    Args:
        client: The portal.
        resource: Whose table it is.
        release: The rows.
        absent: Whether the portal says that there is none; where it is wrong, one is found and replaced.

    Raises:
        PortalError: the portal refused, or shows other rows.
    """
    query = f"SELECT {cells_of(release.table)} FROM {WANTED}_hashed ORDER BY _number"
    for tried in range(1, _TRIES + 1):
        believed = absent and tried == 1
        try:
            datastore.load_table(client, resource, release.table, fetch_rows(release, query), absent=believed)
        except (Invalid, UnknownOutcome) as error:  # some rows may be there: from the start, since nobody sees them
            if tried == _TRIES or (isinstance(error, Invalid) and not believed):
                raise
            continue
        if _shows(client, resource, release):
            return
        if not believed:
            break
    fix = "look at the portal's log, then run again"
    raise PortalError("the DataStore shows other rows than were loaded", where=resource, fix=fix)


def _shows(client: Client, resource: str, release: ReleaseRows) -> bool:
    if dumps_release(client, resource, release, anonymous=False):
        return True
    return datastore.read_rows(client, resource, release, anonymous=False) == release.checksum


class RowChange:
    """Brings a table that readers see to a release's rows: row by row, or anew where its columns are others.

    What is to be done is found out at once, so that `carry_out` keeps readers in between as short as it can be.

    Args:
        client: The portal.
        resource: Whose table it is.
        release: The rows that are wanted.
        same_shape: Whether columns, types and keys stay.
        told: What is to be changed, where that is known; else the table is read.
    """

    def __init__(
        self, client: Client, resource: str, release: ReleaseRows, *, same_shape: bool, told: TableChanges | None
    ) -> None:
        self._client, self._resource, self._release = client, resource, release
        self._is_told = told is not None
        self._changes = told or (self._compared() if same_shape else None)

    def _compared(self) -> TableChanges:
        datastore.read_rows(self._client, self._resource, self._release, anonymous=False)
        return compared(self._release)

    def carry_out(self) -> Gap:
        """Change the rows; how long readers could see some of both.

        Raises:
            PortalError: the portal refused; what was done stays, and the next run goes on from there.
        """
        start = time.monotonic()
        if self._changes is None:
            load(self._client, self._resource, self._release)
            why = "the table's columns or keys changed, so it was loaded anew in their sight"
            return Gap(time.monotonic() - start, why)
        for tried in range(1, _TRIES + 1):
            try:
                calls = datastore.change_rows(self._client, self._resource, self._changes)
                break
            except (Invalid, UnknownOutcome) as error:
                if tried == _TRIES or (isinstance(error, Invalid) and not self._is_told):
                    raise
                # What the table has now is read, and only what differs still is done; so also where a run that was cut
                # short had left other rows than the page says.
                self._is_told = False
                self._changes = self._compared()
        return Gap(time.monotonic() - start, f"rows were changed in {calls} calls after the page")
