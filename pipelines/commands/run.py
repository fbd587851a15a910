"""One run of a command over a workspace: everything opened once, in one place."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.handover import Blocked, Extract
from pipelines.home import Home
from pipelines.ledger import DatasetState, Ledger, open_ledger
from pipelines.reporting.progress import Progress
from pipelines.targets.ckan.target import CkanPortal
from pipelines.targets.sharing.retention import Keeping
from pipelines.targets.sharing.storage import FOLDERS, Storage
from pipelines.targets.sharing.target import Sharing
from pipelines.targets.static.target import StaticPortal
from pipelines.targets.target import Target
from resource_catalog.agency import Agency
from resource_catalog.catalog import Catalog, load_catalog
from resource_catalog.errors import UsageError
from resource_catalog.selection import Selection, select
from resource_catalog.sharing_policy import Policy
from resource_catalog.sharing_settings import ObjectStore
from resource_catalog.workspace import Workspace, open_workspace


@dataclass(frozen=True)
class Run:
    """A workspace, its home, ledger and targets, and the instant that everything done now is dated by.

    `work` is where work files go: the home's own folder, or another for a command that leaves the home alone.
    """

    name: str
    at: datetime.datetime
    workspace: Workspace
    catalog: Catalog
    home: Home
    work: Path
    ledger: Ledger
    targets: tuple[Target[Any], ...]
    progress: Progress
    unfit: tuple[str, ...] = ()  # one message for each target that can't be published to; the others go on
    notes: tuple[str, ...] = ()  # what is worth knowing about those that can
    confirmations: Mapping[str, str] = field(default_factory=dict)  # what leaps were confirmed, and by whom
    #: What was read of tables that others refer to: dataset → the digest of its source, and its rows.
    referred: dict[str, tuple[str, Extract | Blocked]] = field(default_factory=dict)
    sharing: Sharing | None = None  # the store that other bureaus read from; None where the agency has none
    policies: Callable[[str], tuple[Policy, ...]] = lambda _dataset: ()  # what confirmed needs let bureaus read

    @property
    def agency(self) -> Agency:
        """Who publishes."""
        return self.catalog.agency

    @property
    def today(self) -> datetime.date:
        """The day of the run (UTC), by which waivers hold or are over."""
        return self.at.date()

    def states(self) -> Mapping[str, DatasetState]:
        """What the ledger says of every dataset, this run's own acts included."""
        return self.ledger.states()

    def selections(self, wanted: Sequence[str] = ()) -> tuple[Selection, ...]:
        """The entries that are meant, all of them where none is named.

        Raises:
            UsageError: an id that the catalogue lacks.
        """
        broken = {entry.id for entry in self.catalog.broken}
        for dataset in wanted:
            if dataset not in broken:
                self.catalog.entry(dataset)
        return tuple(found for found in select(self.catalog) if not wanted or found.entry.id in wanted)


def now() -> datetime.datetime:
    """The present instant in UTC; on the day OPENDATA_TODAY at midnight where that is set, for trials and tests.

    Raises:
        UsageError: OPENDATA_TODAY is no date.
    """
    today = os.environ.get("OPENDATA_TODAY")
    if not today:
        return datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    try:
        return datetime.datetime.combine(datetime.date.fromisoformat(today), datetime.time(), datetime.UTC)
    except ValueError as error:
        raise UsageError(f"{today!r} is no date", where="OPENDATA_TODAY", fix="write YYYY-MM-DD") from error


def _targets(agency: Agency, home: Home) -> tuple[Target[Any], ...]:
    """The wiring: one line a target."""
    wired: list[Target[Any]] = []
    if agency.targets.static.enabled:
        wired.append(StaticPortal(home.portal, agency.targets.static.base_url))
    address, token = (os.environ.get(name, "").strip() for name in ("CKAN_URL", "CKAN_TOKEN"))
    if bool(address) != bool(token):
        fix = "set both to publish to that portal, or neither"
        raise UsageError("CKAN_URL and CKAN_TOKEN go together", where="the environment", fix=fix)
    if address:
        wired.append(CkanPortal(address, token, agency))
    return tuple(wired)


def _sharing(agency: Agency, home: Home) -> Sharing | None:
    """The store of the sharing platform, if the agency shares."""
    settings = agency.targets.sharing
    if not settings.enabled:
        return None
    keeping = Keeping(
        versions=datetime.timedelta(days=settings.keep_days),
        addresses=datetime.timedelta(hours=settings.address_hours),
    )
    return Sharing(home.sharing, agency.id, keeping, settings.deletion_vectors, _storage(settings.objects, home))


def _storage(objects: ObjectStore | None, home: Home) -> Storage:
    """Where the shared tables lie."""
    if objects is None:
        return FOLDERS
    from pipelines.targets.sharing.object_tables import (
        ObjectTables,
    )  # an agency without a bucket needs no library of it

    return ObjectTables(home.sharing, objects)


def open_run(workspace: Path, home: Path | None, progress: Progress, work: Path | None = None) -> Run:
    """Open a workspace and what belongs to it; writes nothing.

    Args:
        workspace: The agency's folder.
        home: Where produced things lie; default `var/` in the workspace.
        progress: Where to say what is at work.
        work: Where work files go; default the home's own folder for them.

    Raises:
        WorkspaceError: the folder is no workspace, or its agency.yaml is broken.
    """
    opened = open_workspace(workspace)
    catalog = load_catalog(opened)
    place = Home((home or opened.root / "var").absolute())
    at = now()
    return Run(
        name=f"{at:%Y%m%dT%H%M%SZ}-{os.getpid()}",
        at=at,
        workspace=opened,
        catalog=catalog,
        home=place,
        work=(work or place.work).absolute(),
        ledger=open_ledger(os.environ.get("OPENDATA_LEDGER_URL"), place.ledger),
        targets=_targets(catalog.agency, place),
        progress=progress,
        sharing=_sharing(catalog.agency, place),
    )
