"""Where our dataset is at a portal, and what someone did to it: deleted, renamed, purged, or its name given to another.

A name may be taken by anybody once a dataset is deleted (reliability.md M19), so the dataset of all releases remembers
the page's id.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import PAGE
from pipelines.targets.ckan.errors import PortalError, Refused
from pipelines.targets.ckan.package import Package, is_ours, read_package
from pipelines.targets.ckan.revise import match_of, revise


@dataclass(frozen=True)
class Located:
    """Our dataset, None where there is none; `trouble` is what someone did to it, "" for nothing, and what to do."""

    page: Package | None
    trouble: str = ""
    fix: str = ""
    name_is_free: bool = True

    def refuse(self, where: str) -> None:
        """Stop where there is trouble.

        Raises:
            PortalError: with what to do.
        """
        if self.trouble:
            raise PortalError(self.trouble, where=where, fix=self.fix)


def locate(client: Client, name: str, code: str, shelf: Package | None) -> Located:
    """Find the dataset by its name and, where it is not there, by the id that the dataset of all releases remembers.

    Args:
        client: The portal.
        name: The dataset's name.
        code: By what a dataset is known to be ours.
        shelf: The dataset of all releases, ours or not; None where there is none.
    """
    named = read_package(client, name)
    if named and is_ours(named, code):
        return Located(named, *_of_deleted()) if named.deleted else Located(named)
    remembered = shelf.extras.get(PAGE, "") if shelf and is_ours(shelf, code) else ""
    own = _by_id(client, remembered, code) if remembered else None
    if named:
        return Located(own, *_of_taken(own, bool(remembered)), name_is_free=False)
    if own is None:
        return Located(None, *_of_purged()) if remembered else Located(None)
    return Located(own, *(_of_deleted() if own.deleted else _of_renamed(own.name)))


def _by_id(client: Client, identity: str, code: str) -> Package | None:
    try:
        found = read_package(client, identity)
    except Refused:  # someone moved it to where we have no right
        return None
    return found if found and is_ours(found, code) else None


def _of_deleted() -> tuple[str, str]:
    fix = "restore it there; or `opendata withdraw` takes its rows and files away and leaves a tombstone"
    return "someone deleted the dataset at the portal", fix


def _of_renamed(name: str) -> tuple[str, str]:
    return f"someone renamed the dataset at the portal, to {name}", "give it its name again there"


def _of_purged() -> tuple[str, str]:
    fix = "`opendata withdraw` and then `opendata rollback` make it anew, at new addresses"
    return "someone purged the dataset at the portal, and its addresses with it", fix


def _of_taken(own: Package | None, was_ours: bool) -> tuple[str, str]:
    if own is None and not was_ours:
        fix = "set targets.ckan.prefix in agency.yaml, or have that dataset renamed"
        return "a dataset of this name is there that is not ours", fix
    fix = "have that one renamed, and ours restored; or `opendata withdraw` takes our rows and files away"
    if own is None:
        fix = "have that one renamed, then run `opendata withdraw`, for the files of all releases are still there"
    what = "purged" if own is None else "deleted" if own.deleted else f"renamed (to {own.name})"
    return f"someone {what} the dataset at the portal, and its name is another one's now", fix


def revive(client: Client, package: Package, name: str = "") -> Package:
    """Bring back a deleted dataset of ours where nobody sees it, so that what it holds can be taken away for good.

    Args:
        client: The portal.
        package: The dataset.
        name: What it shall be called from now on; "" leaves that.

    Raises:
        Conflict: somebody changed the dataset since it was read.
    """
    update = {"state": "active", "private": True, **({"name": name} if name else {})}
    return revise(client, {"match": match_of(package), "update": update}, lambda now: not now.deleted and now.private)
