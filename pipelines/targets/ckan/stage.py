"""Stage: bring a publication to the portal, whole and verified, where no reader looks, and settle what to switch to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pipelines.handover import Form, Publication
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.describe import Wanted
from pipelines.targets.ckan.description import ACT, DIGEST, PUBLISHER_KEY, RELEASE, ROLE, STATE
from pipelines.targets.ckan.drift import differences, refuse_edited, shelf_differences
from pipelines.targets.ckan.errors import Conflict, PortalError
from pipelines.targets.ckan.files import shown_files
from pipelines.targets.ckan.locate import locate, revive
from pipelines.targets.ckan.package import UNSEEN, Package, by_role, is_ours, owned_as_described, read_package
from pipelines.targets.ckan.portal import Portal
from pipelines.targets.ckan.positions import are_broken, straighten
from pipelines.targets.ckan.revise import create
from pipelines.targets.ckan.shelf import STAGING_STATE, Filled, Shelf
from pipelines.targets.ckan.tables import TABLE_ROLE, StagedTable, Tables

#: Bytes of CSV from which on files and rows go at the same time.
_WORTH_A_THREAD = 8 << 20


@dataclass(frozen=True)
class Found:
    """The datasets of one publication as the portal has them; None where it has none. `mended` were put right."""

    page: Package | None
    shelf: Package | None
    waiting: Package | None
    mended: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staged:
    """What waits for the switch.

    `resources` are those of the page, by role, with ids and addresses: as they will be shown.
    """

    wanted: Wanted
    page: Package
    filled: Filled | None
    resources: Mapping[str, Mapping[str, Any]]
    table: StagedTable | None
    before: Found


def refuse_foreign(package: Package | None, code: str, where: str) -> None:
    """Refuse one of the two other datasets where it is not ours, or was deleted.

    Raises:
        PortalError: it is never written to.
    """
    if package is None:
        return
    place = f"{where}/dataset/{package.name}"
    if not is_ours(package, code):
        fix = "set targets.ckan.prefix in agency.yaml, or have that dataset renamed"
        raise PortalError("a dataset of this name is there that is not ours", where=place, fix=fix)
    if package.deleted:
        fix = "restore it there; or `opendata withdraw` takes its files away and leaves a tombstone"
        raise PortalError("someone deleted the dataset at the portal", where=place, fix=fix)


def refuse_unknown_act(publication: Publication, page: Package, where: str) -> None:
    """Refuse to write over what another publisher showed by a ledger that is not ours; a recall only takes away.

    Raises:
        Conflict: nothing was written.
    """
    shown = page.extras.get(ACT, "")
    if not shown or shown in publication.acts or publication.form is Form.TOMBSTONE:
        return
    release = page.extras.get(RELEASE) or "none"
    what = f"another publisher was here meanwhile (release {release}, act {shown}), of which this ledger knows nothing"
    raise Conflict(what, where=where, fix="let one home publish; run again from the one with the newest ledger")


class Stager:
    """Stages publications at one portal."""

    def __init__(self, client: Client, portal: Portal, name: str, code: str) -> None:
        self._client, self._portal, self._name, self._code = client, portal, name, code
        self._shelf = Shelf(client, portal, name, code)

    def find(self, publication: Publication) -> Found:
        """Read what there is, and refuse what is not ours; for a recall, bring back what someone deleted of it.

        Raises:
            PortalError: a dataset of such a name is someone else's, or was deleted.
        """
        shelf = read_package(self._client, self._shelf.name)
        located = locate(self._client, self._name, self._code, shelf)
        recalls = publication.form is Form.TOMBSTONE
        if not recalls or not (located.page or located.name_is_free):
            located.refuse(f"{self._client.address}/dataset/{self._name}")
        page = located.page
        if page and located.trouble:
            page = revive(self._client, page, self._name if located.name_is_free else "")
        shelf = self._ours(shelf, recalls)
        # Files wait in the third only where readers see the second already, or saw it once.
        may_wait = shelf is not None and (recalls or not shelf.private)
        waiting = read_package(self._client, self._shelf.staging) if may_wait else None
        return Found(page, shelf, self._ours(waiting, recalls))

    def _ours(self, package: Package | None, recalls: bool) -> Package | None:
        if recalls and package and package.deleted and is_ours(package, self._code):
            return revive(self._client, package)
        refuse_foreign(package, self._code, self._client.address)
        return package

    def stage(self, publication: Publication, wanted: Wanted) -> Staged:
        """Have files and rows at the portal.

        Raises:
            EditedByHand: someone changed what is ours; nothing was written.
            PortalError: the portal refused or failed; readers see what they saw.
        """
        found = self.find(publication)
        if found.page:
            refuse_unknown_act(publication, found.page, f"{self._client.address}/dataset/{found.page.name}")
        self._refuse_edits(publication, wanted, found)
        found = self._straightened(found)
        reread = found.page is not None and found.page.extras.get(DIGEST) == wanted.digest
        if self._goes_side_by_side(publication, wanted, found):
            page, filled, table = self._files_beside_table(publication, wanted, found, reread)
        else:
            page, filled, table = self._files_then_table(publication, wanted, found, reread)
        resources = self._resources(publication, wanted, page, filled)
        if table:
            resources[TABLE_ROLE] |= {"id": table.resource, **table.facts}
        return Staged(wanted, page, filled, resources, table, found)

    def _goes_side_by_side(self, publication: Publication, wanted: Wanted, found: Found) -> bool:
        """Whether files and rows go at the same time: where that saves seconds, and no dataset has both on the way."""
        file = shown_files(publication, wanted.files).get(TABLE_ROLE)
        if file is None or file.size < _WORTH_A_THREAD:
            return False
        return found.page is None or TABLE_ROLE in found.page.by_key(by_role)

    def _files_beside_table(
        self, publication: Publication, wanted: Wanted, found: Found, reread: bool
    ) -> tuple[Package, Filled | None, StagedTable | None]:
        page = found.page
        if page is None:
            self._shelf.refuse_unfit(wanted.files)
            page = self._create_page(publication, wanted)
        with ThreadPoolExecutor(1) as beside:
            filling = beside.submit(self._fill, wanted, found, reread)
            # The resource is there: what it is to say comes with the switch.
            page, table = self._stage_table(publication, page, {}, wanted, reread)
            return page, filling.result(), table

    def _files_then_table(
        self, publication: Publication, wanted: Wanted, found: Found, reread: bool
    ) -> tuple[Package, Filled | None, StagedTable | None]:
        filled = self._fill(wanted, found, reread) if wanted.files else None
        page = found.page or self._create_page(publication, wanted)
        described = self._resources(publication, wanted, page, filled)
        if TABLE_ROLE not in described:
            return page, filled, None
        page, table = self._stage_table(publication, page, described[TABLE_ROLE], wanted, reread)
        return page, filled, table

    def _fill(self, wanted: Wanted, found: Found, reread: bool) -> Filled:
        known = (found.shelf, found.waiting, found.page)
        return self._shelf.fill(*known, wanted.shelf, wanted.files, reread=reread)

    def _straightened(self, found: Found) -> Found:
        """The same, changeable again where CKAN had broken the resources' positions."""
        packages = (found.page, found.shelf, found.waiting)
        broken = tuple(one.name for one in packages if one and are_broken(one))
        page, shelf, waiting = (
            straighten(self._client, one) if one and one.name in broken else one for one in packages
        )
        return Found(page, shelf, waiting, broken)

    def _refuse_edits(self, publication: Publication, wanted: Wanted, found: Found) -> None:
        """An edit by hand stops a release, and never the withdrawal of one."""
        page = found.page
        shows_data = page is not None and page.extras.get(STATE) == Form.RELEASE
        if page is None or publication.form is Form.TOMBSTONE or (publication.form is Form.NOTICE and shows_data):
            return
        filled = Filled(found.shelf, found.shelf) if found.shelf else None
        resources = self._resources(publication, wanted, page, filled)
        now = page.by_key(by_role)
        for role, resource in resources.items():  # addresses and tables are the portal's to say, and not the entry's
            told = ("url", "access_url", "download_url", "table_shape", "table_labels", "table_rows")
            resource |= {key: now[role].get(key) for key in told if role in now}
        would_be = owned_as_described(wanted.page, resources)
        where = f"{self._client.address}/dataset/{page.name}"
        edits = differences("ckan", publication.dataset, page, found.shelf, would_be)
        refuse_edited(edits + shelf_differences("ckan", publication.dataset, found.shelf, wanted.shelf), where)

    def _create_page(self, publication: Publication, wanted: Wanted) -> Package:
        """The page, which nobody sees yet, with the resource that its table hangs on."""
        fields = {"title": wanted.page.fields["title"], "owner_org": self._portal.organisation}
        resources = [{ROLE: TABLE_ROLE, "id": str(uuid.uuid4()), "url": ""}] if publication.release else []
        return create(self._client, self._name, fields, {PUBLISHER_KEY: self._code, STATE: UNSEEN}, resources)

    def _resources(
        self, publication: Publication, wanted: Wanted, page: Package, filled: Filled | None
    ) -> dict[str, dict[str, Any]]:
        """The page's resources, each at its stable id and leading to a file that never changes."""
        known, shown = page.stable_ids, shown_files(publication, wanted.files)
        resources = {}
        for role, described in wanted.page.resources.items():
            identity = known.get(role) or str(uuid.uuid4())
            address = self._address(filled, shown[role].key, shown[role].name)
            resources[role] = {
                **described,
                "id": identity,
                "url": address,
                "download_url": address,
                "access_url": f"{self._portal.site_url}/dataset/{self._name}",
            }
        return resources

    def _address(self, filled: Filled | None, key: str, name: str) -> str:
        """Where readers will find a file: below the dataset of all releases, wherever it waits now."""
        if filled is None or key not in filled.resources:
            return ""
        resource = filled.resources[key]["id"]
        return f"{self._portal.site_url}/dataset/{filled.shelf.id}/resource/{resource}/download/{name}"

    def _stage_table(
        self,
        publication: Publication,
        page: Package,
        resource: Mapping[str, Any],
        wanted: Wanted,
        reread: bool,
    ) -> tuple[Package, StagedTable]:
        def place() -> Package:
            return page if page.private else self._private_place(wanted)

        table = Tables(self._client, self._portal).stage(publication, page, place, resource, reread=reread)
        return (table.place if table.place and page.private else page), table

    def _private_place(self, wanted: Wanted) -> Package:
        there = read_package(self._client, self._shelf.staging)
        if there is not None:
            return there
        fields = {"title": wanted.shelf.fields["title"], "owner_org": self._portal.organisation}
        return create(self._client, self._shelf.staging, fields, {PUBLISHER_KEY: self._code, STATE: STAGING_STATE})
