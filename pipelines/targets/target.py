"""The protocol that every target speaks: what is there, stage aside, switch, refresh what spans datasets, prove."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from pipelines.handover import Proof, Publication, Receipt, Standing
from resource_catalog.agency import Agency


class Target(Protocol):
    """A place where readers find datasets. Nothing is visible before `switch`, and `switch` is one atomic step."""

    name: str

    def standing(self, dataset: str) -> Standing | None:
        """What the target itself shows for a dataset now; None where it shows nothing."""

    def digest(self, publication: Publication) -> str:
        """What `standing` would give as digest once this publication is shown; writes nothing."""

    def stage(self, publication: Publication) -> Path:
        """Write the publication aside, whole and verified, where no reader looks; returns what `switch` takes."""

    def switch(self, publication: Publication, staged: Path) -> Receipt:
        """Show what was staged, in one step; the release before stays at its immutable address."""

    def refresh(self, agency: Agency) -> None:
        """Renew what spans datasets (front page, search index, catalogue, feed) from what the target itself holds.

        Called after the switches of a run and before `prove`, so that nothing is listed that is not there.
        """

    def prove(self, publication: Publication) -> Proof:
        """Re-read every published byte as a reader gets it, and compare with the publication."""
