"""Publish: stage a dataset at a target, whole and verified, then switch readers to it in one step."""

from __future__ import annotations

from pipelines.handover import Publication, Receipt
from pipelines.targets.target import Staged, Target


def publish(target: Target[Staged], publication: Publication) -> Receipt:
    """Show a publication at a target.

    Raises:
        OutsideError: staging failed; readers see what they saw before.
    """
    return target.switch(publication, target.stage(publication))
