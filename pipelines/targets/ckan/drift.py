"""What someone else changed in fields that are ours: as it was written, as it is now, as it should be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pipelines.handover import Difference
from pipelines.targets.ckan.description import DIGEST, OWNED, WRITTEN, Description
from pipelines.targets.ckan.errors import PortalError
from pipelines.targets.ckan.package import Key, Package, by_nothing, by_role, owned, owned_as_described, owned_digest

#: Characters of a value that are kept for a later comparison; of a longer one its hash is.
_KEPT = 80
_SHOWN = 10


class EditedByHand(PortalError):
    """Someone changed at the portal what is ours; nothing was written over it."""


def shortened(value: str) -> str:
    """A value as it is kept: itself, or its beginning and a hash of all of it."""
    if len(value) <= _KEPT:
        return value
    return f"{value[:_KEPT]}… (sha256 {hashlib.sha256(value.encode()).hexdigest()[:12]})"


def written_extra(shelf: Package | None, page: Package | None, digest: str, values: Mapping[str, str]) -> str:
    """What is remembered of a write, by the publication's digest; that of the one before stays until it is replaced."""
    remembered = _remembered(shelf)
    before = page.extras.get(DIGEST, "") if page else ""
    kept = {before: remembered[before]} if before in remembered else {}
    kept[digest] = {name: shortened(value) for name, value in values.items()}
    return json.dumps(kept, ensure_ascii=False)


def _remembered(shelf: Package | None) -> dict[str, dict[str, str]]:
    written = shelf.extras.get(WRITTEN) if shelf else None
    found: dict[str, dict[str, str]] = json.loads(written) if written else {}
    return found


def is_edited(package: Package, key: Key) -> bool:
    """Whether a dataset that we showed has other values of ours than we wrote."""
    written = package.extras.get(OWNED)
    return written is not None and owned_digest(owned(package, key)) != written


def shelf_differences(target: str, dataset: str, shelf: Package | None, wanted: Description) -> tuple[Difference, ...]:
    """The same of the dataset of all releases; what was written there is what is wanted, as far as is known."""
    if shelf is None or not is_edited(shelf, by_nothing):
        return ()
    now, then = owned(shelf, by_nothing), owned_as_described(wanted, {})
    names = sorted(name for name in {*now, *then} if now.get(name, "") != then.get(name, ""))
    said = {name: (shortened(then.get(name, "")), shortened(now.get(name, ""))) for name in names}
    return tuple(
        Difference(target, dataset, f"{shelf.name}: {name}", ours, theirs, ours)
        for name, (ours, theirs) in said.items()
    )


def differences(
    target: str, dataset: str, page: Package, shelf: Package | None, wanted: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Every value of ours that is no longer as it was written; whether or not it is as it should be now."""
    if not is_edited(page, by_role):
        return ()
    now = owned(page, by_role)
    written = _remembered(shelf).get(page.extras.get(DIGEST, ""))
    then = {name: shortened(value) for name, value in wanted.items()} if written is None else written
    said = {name: shortened(value) for name, value in now.items()}
    gone = _resources(then) - _resources(said)
    lost = tuple(Difference(target, dataset, name, "there", "deleted", "there") for name in sorted(gone))
    names = sorted(
        name
        for name in {*said, *then}
        if said.get(name, "") != then.get(name, "") and name.partition(", ")[0] not in gone
    )
    return lost + tuple(
        Difference(target, dataset, name, then.get(name, ""), said.get(name, ""), shortened(wanted.get(name, "")))
        for name in names
    )


def _resources(values: Mapping[str, str]) -> set[str]:
    """The resources that values are of, as "resource <role>"."""
    return {name.partition(", ")[0] for name in values if name.startswith("resource ")}


def refuse_edited(found: tuple[Difference, ...], where: str) -> None:
    """Stop where someone's change would be lost; one that is what we want anyway is no obstacle.

    Raises:
        EditedByHand: with the three values of each field.
    """
    lost = [one for one in found if one.now != one.wanted]
    if not lost:
        return
    said = "; ".join(
        f"{one.field}: we wrote {one.written!r}, there is {one.now!r}, ours is {one.wanted!r}" for one in lost[:_SHOWN]
    )
    more = f"; and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
    raise EditedByHand(
        f"someone changed it at the portal ({said}{more})",
        where=where,
        fix="put the written value back there, or bring the entry to the one that is there, then publish again; "
        "what was deleted comes back by `opendata withdraw` and `opendata rollback`",
    )
