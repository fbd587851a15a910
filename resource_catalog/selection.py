"""Which resources leave, in what form, and the catalogue's own word and rule that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import Entry
from resource_catalog.vocabulary import Openness, Sharing


@dataclass(frozen=True)
class Selection:
    """What becomes of one entry: a release, a notice (page, dictionary and how to apply, no data) or nothing."""

    entry: Entry
    form: Literal["release", "notice"] | None
    reason: str


def select(catalog: Catalog) -> tuple[Selection, ...]:
    """One selection per readable entry, in the order of ids."""
    return tuple(_select(entry) for entry in catalog.entries)


def channels_of(entry: Entry) -> tuple[str, ...]:
    """Where an entry goes: its own channels, or portal unless it is withheld, and sharing unless that is withheld."""
    if entry.channels is not None:
        return entry.channels
    portal = () if entry.openness.code is Openness.WITHHELD else ("portal",)
    sharing = () if entry.sharing.code is Sharing.WITHHELD else ("sharing",)
    return portal + sharing


def is_for_bureaus(entry: Entry) -> bool:
    """Whether other bureaus may have it at all: it goes to them, and is not 不予共享."""
    return "sharing" in channels_of(entry) and entry.sharing.code is not Sharing.WITHHELD


def _select(entry: Entry) -> Selection:
    word = f"公开方式 = {entry.openness.written}"
    if entry.openness.code is Openness.WITHHELD:
        return Selection(entry, None, f"{word}: withheld; openness_basis: {entry.openness_basis}")
    if "portal" not in channels_of(entry):
        channels = ", ".join(channels_of(entry)) or "none"
        return Selection(entry, None, f"{word}, but its channels ({channels}) leave out portal")
    if entry.openness.code is Openness.ON_REQUEST:
        return Selection(entry, "notice", f"{word}: page, dictionary and how to apply, no data")
    if entry.source is None:
        return Selection(entry, None, f"{word}: open but has no source yet")
    return Selection(entry, "release", f"{word}: open to everyone, and its source is named")
