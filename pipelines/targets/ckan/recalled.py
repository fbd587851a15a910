"""What a recall takes away, written down before anything goes, so that its absence can be proved at any later time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import RECALLED
from pipelines.targets.ckan.package import Package, by_release, read_package
from pipelines.targets.ckan.revise import Revision, match_of, revise, with_extra
from pipelines.targets.ckan.tables import TABLE_ROLE

#: Addresses of recalled files that are remembered.
_REMEMBERED = 250


def recalled_paths(page: Package | None, shelf: Package | None, kept: Collection[str]) -> list[str]:
    """The paths that lead to data now, or did once, and shall lead nowhere: files by address, tables by id.

    Args:
        page: The dataset as it was found.
        shelf: The dataset of all releases as it was found.
        kept: Addresses that stay.
    """
    before = page.extras.get(RECALLED, "") if page else ""
    found: list[str] = json.loads(before) if before else []
    table = page.stable_ids.get(TABLE_ROLE) if page else None
    found += [f"table {table}"] if table else []
    # One without a hash was overwritten already, by a recall that was cut short.
    files = [one for one in shelf.resources if by_release(one) and one.get("hash")] if shelf else []
    found += [f"file {one['url']}" for one in files]
    return [one for one in dict.fromkeys(found) if one.removeprefix("file ") not in kept][-_REMEMBERED:]


def remember_recalled(client: Client, page: Package, paths: Sequence[str]) -> None:
    """Write the paths into the page: a run that is cut short leaves no other trace of what it had removed already."""
    now, written = read_package(client, page.id) or page, json.dumps(paths)
    if not paths or now.extras.get(RECALLED) == written:
        return
    change: Revision = {"match": match_of(now), **with_extra(now, RECALLED, written)}
    revise(client, change, lambda now: now.extras.get(RECALLED) == written)
