"""The protocol that every target speaks: is it fit, what is there, stage aside, switch, prove, what others changed."""

from __future__ import annotations

from typing import Protocol, TypeVar

from pipelines.handover import Difference, Preflight, Proof, Publication, Receipt, Standing
from resource_catalog.agency import Agency

#: What a target's `stage` leaves for its `switch`: only the target itself knows what is in it.
Staged = TypeVar("Staged")


class Target(Protocol[Staged]):
    """A place where readers find datasets. Nothing is visible before `switch`, and `switch` is one step for readers."""

    name: str
    #: How many datasets it takes at a time, which are other threads then; 1 where nothing is gained by more.
    abreast: int

    def preflight(self) -> Preflight:
        """Whether the target can be published to at all; asked once a run, before its first dataset.

        Raises:
            OutsideError: it can't; one message for the whole run, with what to do.
        """

    def standing(self, dataset: str) -> Standing | None:
        """What the target itself shows for a dataset now; None where it shows nothing."""

    def digest(self, publication: Publication) -> str:
        """What `standing` would give as digest once this publication is shown; writes nothing."""

    def stage(self, publication: Publication) -> Staged:
        """Write the publication aside, whole and verified, where no reader looks; returns what `switch` takes."""

    def switch(self, publication: Publication, staged: Staged) -> Receipt:
        """Show what was staged, in one step; the release before stays at its immutable address."""

    def refresh(self, agency: Agency) -> None:
        """Renew what spans datasets (front page, search index, catalogue, feed) from what the target itself holds.

        Called after the switches of a run and before `prove`, so that nothing is listed that is not there.
        """

    def prove(self, publication: Publication) -> Proof:
        """Re-read every published byte as a reader gets it, and compare with the publication."""

    def abandon(self) -> None:
        """The run is ended: begin nothing, and let go of what is waited for; called by another thread."""

    def drift(self, publication: Publication) -> tuple[Difference, ...]:
        """What someone else changed at the target since it was written, in fields that are ours; writes nothing."""
