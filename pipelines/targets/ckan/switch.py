"""Switch: show what was staged; and take back what must not be seen any more, in the order that really removes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.handover import Form, Publication
from pipelines.targets.ckan import plugin_rows
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import (
    ACT,
    DIGEST,
    OWNED,
    PAGE,
    PUBLISHER_KEY,
    RECALLED,
    RELEASE,
    STABLE_IDS,
    STATE,
    WRITTEN,
)
from pipelines.targets.ckan.drift import written_extra
from pipelines.targets.ckan.moving import forget, take_back, take_out
from pipelines.targets.ckan.package import (
    Package,
    by_release,
    by_role,
    owned_as_described,
    owned_digest,
    read_package,
)
from pipelines.targets.ckan.portal import Portal
from pipelines.targets.ckan.recalled import recalled_paths, remember_recalled
from pipelines.targets.ckan.revise import Revision, revise, revision
from pipelines.targets.ckan.shelf import Filled, Shelf, retire
from pipelines.targets.ckan.stage import Staged
from pipelines.targets.ckan.stock_rows import Gap
from pipelines.targets.ckan.tables import TABLE_ROLE, Tables


@dataclass(frozen=True)
class Switched:
    """The page as it is now, and how long readers could see something in between."""

    page: Package
    gap: Gap


class Switcher:
    """Switches publications at one portal."""

    def __init__(self, client: Client, portal: Portal, name: str, code: str) -> None:
        self._client, self._code = client, code
        self._shelf = Shelf(client, portal, name, code)
        self._tables = Tables(client, portal)

    def switch(self, publication: Publication, staged: Staged) -> Switched:
        """Show the publication.

        Raises:
            Conflict: somebody changed the dataset since it was staged; readers see what they saw.
            PortalError: the portal refused or failed.
        """
        if publication.form is Form.RELEASE:
            return self._show(publication, staged)
        return self._take_back(publication, staged)

    def _show(self, publication: Publication, staged: Staged) -> Switched:
        """A release: its files first, which nothing leads to yet; then page and rows; then what is no longer listed."""
        values = owned_as_described(staged.wanted.page, staged.resources)
        shelf = self._show_shelf(staged, staged.filled, values) if staged.filled else None
        change = self._page_change(publication, staged, staged.page, values)
        page, gap = self._switch_page_and_rows(publication, staged, change)
        if shelf:
            self._retire_unlisted(shelf, staged)
        return Switched(page, gap)

    def _switch_page_and_rows(self, publication: Publication, staged: Staged, change: Revision) -> tuple[Package, Gap]:
        """Without our plugin, rows change just after the page: once it is sure that nobody changed it meanwhile."""
        if staged.table is None or not staged.table.in_place:
            return self._switch_page(publication, staged, change), Gap()
        with self._tables.changing(publication, staged.table) as rows:
            page = self._switch_page(publication, staged, change)
            return page, rows.carry_out()

    def _switch_page(self, publication: Publication, staged: Staged, change: Revision) -> Package:
        table = staged.table
        # Another publisher may show the same by an act of its own.
        said = {DIGEST: staged.wanted.digest, ACT: _last_act(publication)}

        def is_done(now: Package) -> bool:
            return all(now.extras.get(name, "") == value for name, value in said.items())

        if table and table.twin:
            return plugin_rows.switch(self._client, change, {table.resource: table.twin}, is_done)
        if table and table.place and table.place.id != staged.page.id:
            take_out(self._client, table.place, [table.resource])
        return revise(self._client, change, is_done)

    def _page_change(
        self, publication: Publication, staged: Staged, page: Package, values: Mapping[str, str], recalled: str = ""
    ) -> Revision:
        ids = page.stable_ids | {role: str(one["id"]) for role, one in staged.resources.items()}
        number = str(publication.release.number) if publication.release else ""
        marker = {
            PUBLISHER_KEY: self._code,
            STATE: publication.form.value,
            RELEASE: number,
            DIGEST: staged.wanted.digest,
            OWNED: owned_digest(values),
            ACT: _last_act(publication),
            STABLE_IDS: json.dumps(ids),
            RECALLED: recalled,
        }
        gone = [str(one["id"]) for role, one in page.by_key(by_role).items() if role not in staged.resources]
        return revision(page, staged.wanted.page, marker, staged.resources, by_role, remove=gone)

    def _show_shelf(self, staged: Staged, filled: Filled, values: Mapping[str, str]) -> Package:
        written = written_extra(staged.before.shelf, staged.before.page, staged.wanted.digest, values)
        return self._shelf.show(filled, staged.wanted.shelf, {WRITTEN: written, PAGE: staged.page.id})

    def _retire_unlisted(self, shelf: Package, staged: Staged) -> Package:
        listed = {str(one["id"]) for one in staged.filled.resources.values()} if staged.filled else set()
        others = [str(one["id"]) for one in shelf.resources if by_release(one) and one["id"] not in listed]
        return retire(self._client, shelf, others)

    def _take_back(self, publication: Publication, staged: Staged) -> Switched:
        """Rows, then files, then resources: of a removed resource CKAN would keep both (reliability.md M7)."""
        values = owned_as_described(staged.wanted.page, staged.resources)
        kept = {str(one["url"]) for one in staged.filled.resources.values()} if staged.filled else set()
        recalled = recalled_paths(staged.before.page, staged.before.shelf, kept)
        remember_recalled(self._client, staged.page, recalled)
        waiting = staged.before.waiting
        if waiting is not None:
            waiting = take_back(self._client, waiting, staged.before.shelf, staged.page)
        waiting = self._drop_table(staged.page, waiting)
        shelf = self._show_shelf(staged, staged.filled, values) if staged.filled else staged.before.shelf
        if shelf is not None:
            shelf = self._retire_unlisted(shelf, staged)
        if waiting is not None:
            waiting = retire(self._client, waiting, [str(one["id"]) for one in waiting.resources if by_role(one)])
            forget(self._client, waiting)
        page = read_package(self._client, staged.page.id) or staged.page
        change = self._page_change(publication, staged, page, values, json.dumps(recalled) if recalled else "")
        page = revise(self._client, change, lambda now: now.extras.get(DIGEST) == staged.wanted.digest)
        if shelf is not None and publication.form is Form.TOMBSTONE:
            self._shelf.show(Filled(shelf, shelf), staged.wanted.shelf, {PAGE: page.id})
        return Switched(page, Gap())

    def _drop_table(self, page: Package, waiting: Package | None) -> Package | None:
        """Remove the rows, wherever their resource is; the private dataset as it is afterwards."""
        table = page.stable_ids.get(TABLE_ROLE)
        listed = [one["id"] for place in (page, waiting) if place for one in place.resources]
        if table is None or table not in listed:
            return waiting
        self._tables.drop(table)
        return read_package(self._client, waiting.id) if waiting else None


def _last_act(publication: Publication) -> str:
    return publication.acts[-1] if publication.acts else ""
