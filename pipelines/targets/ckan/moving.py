"""Resources on their way from a private dataset to one that readers see: none is lost where a run is cut short.

CKAN moves a resource by two calls (reliability.md M9). In between it is in no dataset and keeps its bytes and rows, for
ever if nobody knows its id any more; so the dataset that it leaves remembers it.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Sequence

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import RESOURCE_RELEASE, ROLE
from pipelines.targets.ckan.package import Package, read_package
from pipelines.targets.ckan.revise import Revision, match_of, revise, with_extra

#: Extra of the private dataset: the ids of what was last taken out of it.
MOVING = "release_moving"
#: Role of what came back: nothing that is wanted has it.
_LOST = "lost"
_LETTERS = 22


def _packed(ids: Sequence[str]) -> str:
    """As few letters as can be: an extra has its limit, at some 32,000 (reliability.md M18)."""
    return "".join(base64.urlsafe_b64encode(uuid.UUID(one).bytes).decode()[:_LETTERS] for one in ids)


def _unpacked(written: str) -> Iterator[str]:
    for start in range(0, len(written), _LETTERS):
        yield str(uuid.UUID(bytes=base64.urlsafe_b64decode(written[start : start + _LETTERS] + "==")))


def _ids(package: Package | None) -> set[str]:
    return {str(one["id"]) for one in package.resources} if package else set()


def take_out(client: Client, place: Package, ids: Sequence[str]) -> None:
    """Take resources out of a private dataset of ours, to be put into another at once; files and tables stay theirs.

    Nobody can know their ids yet, and so put them elsewhere in between (reliability.md M10).
    """
    now, gone = read_package(client, place.id) or place, set(ids)
    change: Revision = {"match": match_of(now), **with_extra(now, MOVING, _packed(ids))}
    change["filter"] += [f"-resources__{one}" for one in ids]
    revise(client, change, lambda now: not gone & _ids(now))


def take_back(client: Client, place: Package, *others: Package | None) -> Package:
    """Put back into the private dataset what was taken out of it and arrived in none of the others.

    It has no hash there, so that it is overwritten and removed with all that nobody wants.
    """
    there = set().union(*map(_ids, (place, *others)))
    lost = [one for one in _unpacked(place.extras.get(MOVING, "")) if one not in there]
    if not lost:
        return place
    resources = [{"id": one, "url": _LOST, "url_type": "upload", ROLE: _LOST, RESOURCE_RELEASE: one} for one in lost]
    change: Revision = {"match": match_of(place), "update__resources__extend": resources}
    return revise(client, change, lambda now: set(lost) <= _ids(now))


def forget(client: Client, place: Package) -> Package:
    """Remember nothing any more, since what had arrived is being removed there."""
    if MOVING not in place.extras:
        return place
    change: Revision = {"match": match_of(place), **with_extra(place, MOVING, "")}
    return revise(client, change, lambda now: MOVING not in now.extras)
