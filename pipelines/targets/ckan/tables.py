"""The DataStore table of a publication: what has to be done to it, prepared where readers don't look."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pipelines.handover import Publication, Release
from pipelines.targets.ckan import datastore, plugin_rows, stock_rows
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import RESOURCE_RELEASE, TABLE_LABELS, TABLE_ROWS, TABLE_SHAPE
from pipelines.targets.ckan.package import Package, by_role
from pipelines.targets.ckan.portal import Portal
from pipelines.targets.ckan.release_rows import ReleaseRows, file_digest, open_release
from pipelines.targets.ckan.revise import match_of, revise
from pipelines.targets.ckan.row_differences import first_difference
from pipelines.targets.ckan.row_tables import Checksum
from pipelines.targets.ckan.stock_rows import RowChange
from pipelines.targets.ckan.table_changes import told_changes
from pipelines.targets.ckan.table_dump import dumps_release

#: The role whose resource has the table.
TABLE_ROLE = "csv"


@dataclass(frozen=True)
class StagedTable:
    """A table, as it waits for the switch.

    `facts` are the resource's extras that say what it is made of. `twin` is what our plugin loaded; `in_place` says
    that rows are to be changed where readers see them, `same_shape` whether the columns stay; `place` is the private
    dataset whose resource has the table already. `before` is the release whose rows the resource says that it has,
    `file_before` the SHA-256 of its CSV; "" where that is not to be trusted. `note` is for the receipt.
    """

    resource: str
    facts: Mapping[str, str]
    twin: str = ""
    in_place: bool = False
    same_shape: bool = False
    same_labels: bool = False
    place: Package | None = None
    before: str = ""
    file_before: str = ""
    note: str = ""


def facts_of(release: ReleaseRows) -> dict[str, str]:
    """What a table is made of, in words that can be compared."""
    table = release.table
    return {TABLE_SHAPE: table.shape, TABLE_LABELS: table.labels, TABLE_ROWS: rows_word(release.checksum)}


def rows_word(rows: Checksum) -> str:
    """A checksum in one word."""
    return f"{rows.rows}.{rows.upper:x}.{rows.lower:x}"


def is_shown(client: Client, resource: str, release: ReleaseRows) -> bool:
    """Whether readers find just the release's rows and dictionary."""
    return not table_faults(client, resource, release)


def table_faults(client: Client, resource: str, release: ReleaseRows) -> list[str]:
    """What readers find otherwise than the release has it; a sentence each."""
    fields = datastore.shown_fields(client, resource, anonymous=True)
    if fields is None:
        return ["the DataStore has no table for readers"]
    wanted = [(column.id, column.label) for column in release.table.columns]
    if [(field["id"], (field.get("info") or {}).get("label", "")) for field in fields] != wanted:
        return ["the DataStore's columns or their labels are not the release's"]
    if dumps_release(client, resource, release, anonymous=True):
        return []
    shown, expected = datastore.read_rows(client, resource, release, anonymous=True), release.checksum
    if shown.rows != expected.rows:
        where = first_difference(release.connection, release.table)
        return [f"the DataStore shows {shown.rows:,} rows of {expected.rows:,}: {where}"]
    if shown == expected:
        return []
    return [f"the DataStore shows other values: {first_difference(release.connection, release.table)}"]


class Tables:
    """Prepares and changes tables by the way that the portal allows."""

    def __init__(self, client: Client, portal: Portal) -> None:
        self._client = client
        self._by_plugin = portal.plugin is not None
        self._by_differences = bool(portal.plugin and portal.plugin.get("differences"))

    def stage(
        self,
        publication: Publication,
        page: Package,
        place: Callable[[], Package],
        described: Mapping[str, Any],
        *,
        reread: bool,
    ) -> StagedTable:
        """Have the table ready for the switch.

        Args:
            publication: A release.
            page: The dataset that readers see, or will.
            place: Gives a private dataset of ours, the page itself where it is private.
            described: What the table's resource shall say, with an address.
            reread: Whether to compare the rows that readers see, rather than what the resource says of them.
        """
        if publication.release is None:
            raise AssertionError("only a release has a table")
        now = page.by_key(by_role).get(TABLE_ROLE) if not page.private else None
        before = _kept(publication, str(now.get(RESOURCE_RELEASE))) if now and not reread else None
        with open_release(publication.release, publication, before) as release:
            if now or not self._by_plugin:  # a first load looks for them while the portal has the rows in hand
                release.refuse_missing_keys()
            if now is None:
                return self._stage_unseen(release, page, place(), described)
            facts = facts_of(release)
            resource, active = str(now["id"]), bool(now.get("datastore_active"))
            same = {key: now.get(key) == value for key, value in facts.items()}
            if active and all(same.values()) and (not reread or is_shown(self._client, resource, release)):
                return StagedTable(resource, facts)
            if self._by_plugin:
                return self._stage_twin(release, facts, resource, same_shape=active and same[TABLE_SHAPE])
            return StagedTable(
                resource,
                facts,
                in_place=True,
                same_shape=active and same[TABLE_SHAPE],
                same_labels=same[TABLE_LABELS],
                before="" if reread else str(now.get(RESOURCE_RELEASE)),
                file_before=str(now.get("hash")),
            )

    def _stage_twin(
        self, release: ReleaseRows, facts: Mapping[str, str], resource: str, *, same_shape: bool
    ) -> StagedTable:
        """Load what takes the place of a table that readers see, by differences where its columns stay."""
        if not (same_shape and self._by_differences):
            release = replace(release, before=None)
        loaded = plugin_rows.load(self._client, resource, release)
        return StagedTable(resource, facts, twin=loaded.twin, note=loaded.note)

    def _stage_unseen(
        self,
        release: ReleaseRows,
        page: Package,
        place: Package,
        described: Mapping[str, Any],
    ) -> StagedTable:
        """Load the table of a resource that readers don't see, in a private dataset."""
        resource = page.stable_ids.get(TABLE_ROLE) or str(uuid.uuid4())
        if resource not in {one["id"] for one in place.resources}:
            change = {"match": match_of(place), "update__resources__extend": [{**described, "id": resource}]}
            place = revise(self._client, change, lambda now: resource in {one["id"] for one in now.resources})
        if self._by_plugin:
            twin = plugin_rows.load(self._client, resource, release).twin
            if place.id == page.id:  # the switch that shows the page has the table in it
                return StagedTable(resource, facts_of(release), twin=twin, place=place)
            change = {"match": match_of(place), f"update__resources__{resource}": {TABLE_ROWS: twin}}
            place = plugin_rows.switch(
                self._client, change, {resource: twin}, lambda now: _says(now, resource, TABLE_ROWS, twin)
            )
        else:
            hung = next((one for one in place.resources if one["id"] == resource), {})
            stock_rows.load(self._client, resource, release, absent=not hung.get("datastore_active"))
            place = Package(self._client.read("package_show", {"id": place.id}))
        return StagedTable(resource, facts_of(release), place=place)

    @contextmanager
    def changing(self, publication: Publication, staged: StagedTable) -> Iterator[RowChange]:
        """What changes rows where readers see them, ready to be carried out."""
        if publication.release is None:
            raise AssertionError("only a release has a table")
        before = _kept(publication, staged.before) if staged.same_shape else None
        with open_release(publication.release, publication, before) as release:
            shown = before is not None and staged.file_before == file_digest(before)
            told = told_changes(release) if shown else None
            if staged.same_shape and not staged.same_labels:
                datastore.write_dictionary(self._client, staged.resource, release.table)
            yield RowChange(self._client, staged.resource, release, same_shape=staged.same_shape, told=told)

    def drop(self, resource: str) -> None:
        """Remove a table, so that nobody can read it any more."""
        drop = plugin_rows.drop if self._by_plugin else datastore.drop_table
        drop(self._client, resource)


def _kept(publication: Publication, number: str) -> Release | None:
    """The release of a number, where it is one that stays."""
    return next((one for one in publication.kept if str(one.number) == number), None)


def _says(package: Package, resource: str, key: str, value: str) -> bool:
    return any(one["id"] == resource and one.get(key) == value for one in package.resources)
