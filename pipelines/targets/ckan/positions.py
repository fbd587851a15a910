"""Positions of resources that CKAN itself has broken: they stand in the way of every change, and may lose resources.

A resource that was made twice under one id leaves its dataset's positions with a gap (reliability.md M5). From then on
CKAN 2.12 answers 500 to changes, or takes one resource for another, since it copies unchanged ones by their position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.package import Package
from pipelines.targets.ckan.revise import Revision, match_of, revise

_FILLER: Mapping[str, Any] = {"name": "-", "url": ""}


def are_broken(package: Package) -> bool:
    """Whether the positions are other than 0, 1, 2 and so on."""
    return [one.get("position") for one in package.resources] != list(range(len(package.resources)))


def straighten(client: Client, package: Package) -> Package:
    """Number the resources anew; all stay, in their order, with their files and tables.

    CKAN numbers them only where their order changes: so they are turned round, and back. For an instant readers see
    them turned round, or beside a single one an empty one.

    Raises:
        Conflict: somebody changed the dataset since it was read.
        PortalError: the portal refused or failed.
    """
    resources = package.resources
    turned = [*reversed(resources)] if len(resources) > 1 else [_FILLER, *resources]
    return _write(client, _write(client, package, turned), resources)


def _write(client: Client, package: Package, resources: Sequence[Mapping[str, Any]]) -> Package:
    """Write all resources whole: without a position none of them is what it was, and so none is copied by it."""
    whole = [{key: value for key, value in one.items() if key != "position"} for one in resources]
    change: Revision = {"match": match_of(package), "filter": ["-resources"], "update": {"resources": whole}}
    wanted = [one.get("id") for one in resources]
    return revise(client, change, lambda now: _are_in_order(now, wanted))


def _are_in_order(package: Package, wanted: Sequence[str | None]) -> bool:
    """Whether the resources are numbered, in this order; the filler's id is CKAN's to give."""
    found = [one["id"] for one in package.resources]
    if are_broken(package) or len(found) != len(wanted):
        return False
    return all(there == one for there, one in zip(found, wanted, strict=True) if one is not None)
