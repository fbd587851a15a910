"""A CKAN portal as a target: the page that readers know, and beside it the files of all releases.

<name>           the dataset: stable resources, each leading to an immutable file; the DataStore table hangs on the CSV
<name>-releases  the immutable files of every listed release
<name>-staging   private: what is not shown yet
"""

from __future__ import annotations

import time
from collections.abc import Callable

from pipelines.handover import Difference, Form, Preflight, Proof, Publication, Receipt, Standing
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.deadlines import Deadlines
from pipelines.targets.ckan.describe import Wanted, describe
from pipelines.targets.ckan.drift import differences, shelf_differences
from pipelines.targets.ckan.errors import UnknownOutcome
from pipelines.targets.ckan.locate import locate
from pipelines.targets.ckan.package import Package, by_role, is_ours, owned_as_described, read_package
from pipelines.targets.ckan.portal import Portal, probe
from pipelines.targets.ckan.prove import Prover
from pipelines.targets.ckan.search_index import SearchLag, retell
from pipelines.targets.ckan.shelf import Shelf
from pipelines.targets.ckan.stage import Staged, Stager
from pipelines.targets.ckan.switch import Switcher
from resource_catalog.agency import Agency, CkanTarget

_IN_TIME = Deadlines()


class CkanPortal:
    """Publishes to one CKAN portal.

    Args:
        address: The portal's address.
        token: The API token of an editor of the organisation.
        agency: Who publishes; its id tells our datasets from others.
        pause: Called with seconds to wait, before a further try or a further look.
        deadlines: How long one exchange with the portal may take.
    """

    name = "ckan"
    #: A request keeps one of the portal's cores busy, or none while it is on its way; other readers need some, too.
    abreast = 3

    def __init__(
        self,
        address: str,
        token: str,
        agency: Agency,
        pause: Callable[[float], None] = time.sleep,
        deadlines: Deadlines = _IN_TIME,
    ) -> None:
        self._agency = agency
        self._settings: CkanTarget = agency.targets.ckan
        self._client = Client(address, token, pause, self._settings.patience, deadlines)
        self._found: Portal | None = None
        self._pages: dict[str, Package | None] = {}
        self._lag = SearchLag(pause)

    @property
    def _portal(self) -> Portal:
        if self._found is None:
            self._found = probe(self._client, self._settings, self._agency.id)
        return self._found

    def preflight(self) -> Preflight:
        """Find out what the portal can do, and that we may publish there.

        Raises:
            PortalError: one message for all datasets.
        """
        # What was found before stays where this fails: what is shown already can still be proved.
        self._found = portal = probe(self._client, self._settings, self._agency.id)
        return Preflight(self.name, (f"CKAN {portal.version}, {self._way}", *portal.notes))

    @property
    def _way(self) -> str:
        if self._portal.plugin is None:
            return (
                "by CKAN's own actions: rows and page change one after the other, and for an instant CKAN itself may "
                "show a page's old fields with its new resources"
            )
        if not self._portal.plugin.get("two_phase"):
            return "by our plugin, without two-phase commit: a crash between two commits is mended by its next call"
        return "by our plugin: rows and page change in one step"

    def standing(self, dataset: str) -> Standing | None:
        """What the portal shows for a dataset, by one request a run; None also where the dataset there is not ours."""
        if dataset not in self._pages:
            self._pages[dataset] = read_package(self._client, self._name(dataset))
        page = self._pages[dataset]
        return page.standing(dataset) if page and is_ours(page, self._code(dataset)) else None

    def digest(self, publication: Publication) -> str:
        """The digest of what the portal would show; reads checksums and no data."""
        return self._wanted(publication).digest

    def stage(self, publication: Publication) -> Staged:
        """Bring files and rows to the portal, where nobody sees them, and verify them.

        Raises:
            EditedByHand: someone changed at the portal what is ours; nothing was written.
            PortalError: the portal refused or failed.
        """
        self._pages.pop(publication.dataset, None)
        name = self._name(publication.dataset)
        stager = Stager(self._client, self._portal, name, self._code(publication.dataset))
        try:
            return stager.stage(publication, self._wanted(publication))
        except UnknownOutcome as failure:
            raise self._with_search(failure, name) from failure

    def switch(self, publication: Publication, staged: Staged) -> Receipt:
        """Show what was staged; what it can't promise stands in the receipt.

        Raises:
            Conflict: somebody changed the dataset since it was staged; readers see what they saw.
            PortalError: the portal refused or failed; running again goes on from there.
        """
        dataset = publication.dataset
        self._pages.pop(dataset, None)
        switcher = Switcher(self._client, self._portal, self._name(dataset), self._code(dataset))
        try:
            switched = switcher.switch(publication, staged)
        except UnknownOutcome as failure:
            raise self._with_search(failure, self._name(dataset)) from failure
        notes = [self._way] if publication.form is Form.RELEASE else []
        if staged.table and staged.table.note:
            notes.append(staged.table.note)
        if staged.before.mended:
            mended = ", ".join(staged.before.mended)
            notes.append(f"CKAN had broken the order of resources, which is put right: {mended}")
        if switched.gap.seconds:
            notes.append(f"for {switched.gap.seconds:.2f} s readers could see a state in between: {switched.gap.why}")
        if staged.before.shelf is None and staged.before.page and not staged.before.page.private:
            notes.append("the dataset of all releases was gone; its files are at new addresses")
        foreign = [str(one.get("name") or one["id"]) for one in switched.page.resources if not by_role(one)]
        if foreign:
            notes.append(f"resources of others stay: {', '.join(foreign)}")
        return Receipt(
            target=self.name,
            dataset=dataset,
            form=publication.form,
            release=publication.release.number if publication.release else None,
            digest=staged.wanted.digest,
            address=f"{self._portal.site_url}/dataset/{switched.page.name}",
            notes=tuple(notes),
        )

    def _with_search(self, failure: UnknownOutcome, name: str) -> UnknownOutcome:
        """A failure, with what the search shows by mistake since then and was not to be mended."""
        faults = [fault for fault in (retell(self._client, one) for one in (name, f"{name}-releases")) if fault]
        return UnknownOutcome("; ".join([failure.what, *faults]), where=failure.where, fix=failure.fix)

    def refresh(self, agency: Agency) -> None:
        """CKAN itself keeps what spans datasets."""

    def prove(self, publication: Publication) -> Proof:
        """Read the publication as anybody does: page, files, rows, search; or that nothing is left of it."""
        name = self._name(publication.dataset)
        shelf = Shelf(self._client, self._portal, name, self._code(publication.dataset)).name
        prover = Prover(self._client, name, shelf, self._lag, speaks_dcat=self._portal.speaks_dcat)
        return prover.prove(publication, self._wanted(publication))

    def abandon(self) -> None:
        """Let go of the portal."""
        self._client.abandon()

    def drift(self, publication: Publication) -> tuple[Difference, ...]:
        """What someone else changed at the portal in values that are ours."""
        name = self._name(publication.dataset)
        shelf = read_package(self._client, f"{name}-releases")
        located = locate(self._client, name, self._code(publication.dataset), shelf)
        page = located.page
        if located.trouble or page is None:
            said = located.trouble or "there is no such dataset at the portal"
            return (Difference(self.name, publication.dataset, "dataset", "ours", said, "ours"),)
        wanted = self._wanted(publication)
        if shelf is None and wanted.files:
            return (Difference(self.name, publication.dataset, f"{name}-releases", "ours", "is not there", "ours"),)
        now = page.by_key(by_role)
        resources = {role: {**now.get(role, {}), **described} for role, described in wanted.page.resources.items()}
        edits = differences(self.name, publication.dataset, page, shelf, owned_as_described(wanted.page, resources))
        return edits + shelf_differences(self.name, publication.dataset, shelf, wanted.shelf)

    def _name(self, dataset: str) -> str:
        return f"{self._settings.prefix}{dataset}"

    def _code(self, dataset: str) -> str:
        """By what we know a dataset to be ours: the agency's id and the entry's, neither of which ever changes."""
        return f"{self._agency.id}/{dataset}"

    def _wanted(self, publication: Publication) -> Wanted:
        return describe(publication, self._portal, self._settings.grace, self._name(publication.dataset))
