"""Rows by our plugin: loaded by COPY into a table that waits, and switched together with what the dataset says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import Conflict, Invalid, PortalError
from pipelines.targets.ckan.multipart import Upload
from pipelines.targets.ckan.package import Package, package_of, read_package
from pipelines.targets.ckan.plugin_differences import differences
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.revise import Revision


@dataclass(frozen=True)
class Loaded:
    """A table that waits: the token by which a switch names it; and why all its rows were sent, where that is news."""

    twin: str
    note: str = ""


def load(client: Client, resource: str, release: ReleaseRows) -> Loaded:
    """Load a release's rows out of readers' reach: by what differs from the release before, or whole.

    A second load of the same resource takes the place of the first, so a lost answer costs a load and nothing else.

    Raises:
        OutsideError: a row lacks its key.
        PortalError: the portal refused a row, or has other rows than it was sent.
    """
    twin, note = _load_differences(client, resource, release)
    return Loaded(twin or _load_whole(client, resource, release), note)


def _load_differences(client: Client, resource: str, release: ReleaseRows) -> tuple[str, str]:
    """The table's token, or "" where all rows are to be loaded; and why, where that is news."""
    changes = differences(release)
    if changes is None:
        return "", ""
    try:
        loaded = _send(client, resource, release, changes.file, base={"digest": changes.digest_before})
    except Conflict as other:
        return "", f"all rows were loaded: {other.what}"
    if loaded["digest"] != changes.digest:
        return "", "the portal made other rows of the differences, so all rows were loaded"
    return str(loaded["twin"]), ""


def _load_whole(client: Client, resource: str, release: ReleaseRows) -> str:
    """The table's token. What its rows are to be is worked out while the portal has them in hand."""
    file = release.as_upload()
    with ThreadPoolExecutor(1) as beside:
        expected = beside.submit(_expected, release)
        try:
            loaded = _send(client, resource, release, file.path, header=file.header)
        except Invalid:
            expected.result()  # which may say better what is wrong with the rows
            raise
        except BaseException:
            release.connection.interrupt()  # whoever ends the run is not to wait for a figure that nobody needs
            raise
        digest, rows = expected.result()
    if loaded["digest"] != digest:
        what = f"the portal loaded other rows than it was sent: {loaded['rows']:,} of {rows:,}"
        raise PortalError(what, where=resource, fix="look at the portal's log, then run again")
    return str(loaded["twin"])


def _expected(release: ReleaseRows) -> tuple[str, int]:
    """The checksum that the portal is to give, and the number of rows."""
    release.refuse_missing_keys()
    return release.measure(), release.checksum.rows


def _send(client: Client, resource: str, release: ReleaseRows, rows: Path, **further: Any) -> Mapping[str, Any]:
    asked = {
        "resource_id": resource,
        "fields": release.table.fields,
        "primary_key": list(release.table.primary_key),
        "indexes": list(release.table.indexes),
        **further,
    }
    upload = Upload("upload", "rows.csv", rows, "text/csv")
    answer: Mapping[str, Any] = client.settle(lambda: client.write("release_load", asked, [upload]), lambda: None)
    return answer


def switch(client: Client, change: Revision, tables: Mapping[str, str], is_done: Callable[[Package], bool]) -> Package:
    """Change a dataset and the rows of its tables in one step for readers.

    Raises:
        Conflict: somebody changed the dataset since it was read; nothing was written.
        PortalError: the portal refused or failed.
    """

    def write() -> Package:
        switched = client.write("release_switch", {"revise": change, "tables": dict(tables)})
        return package_of(switched.get("package"), change["match"]["id"])

    def find() -> Package | None:
        found = read_package(client, change["match"]["id"])
        return found if found and is_done(found) else None

    return client.settle(write, find)


def drop(client: Client, resource: str) -> None:
    """Remove the table and whatever waits to take its place; harmless a second time."""
    client.settle(lambda: client.write("release_drop", {"resource_id": resource}), lambda: None)
