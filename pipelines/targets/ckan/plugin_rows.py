"""Rows by our plugin: loaded by COPY into a table that waits, and switched together with what the dataset says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import PortalError
from pipelines.targets.ckan.multipart import Upload
from pipelines.targets.ckan.package import Package, package_of, read_package
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.revise import Revision


def load(client: Client, resource: str, release: ReleaseRows) -> str:
    """Load a release's rows out of readers' reach; the token by which a switch names them.

    A second load of the same resource takes the place of the first, so a lost answer costs a load and nothing else.

    Raises:
        PortalError: the portal refused a row, or has another number of them.
    """
    asked = {
        "resource_id": resource,
        "fields": release.table.fields,
        "primary_key": list(release.table.primary_key),
        "indexes": list(release.table.indexes),
    }
    upload = Upload("upload", "rows.csv", release.as_upload(), "text/csv")
    loaded: Mapping[str, Any] = client.settle(lambda: client.write("release_load", asked, [upload]), lambda: None)
    if loaded["rows"] != release.checksum.rows:
        what = f"the portal loaded {loaded['rows']:,} rows of {release.checksum.rows:,}"
        raise PortalError(what, where=resource, fix="look at the portal's log, then run again")
    return str(loaded["twin"])


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
