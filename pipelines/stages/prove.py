"""Prove: read back what a target shows, as a reader gets it, and hold it against the publication."""

from __future__ import annotations

from typing import Any

from pipelines.handover import Proof, Publication
from pipelines.targets.target import Target


def prove(target: Target[Any], publication: Publication) -> Proof:
    """Every published byte, compared; faults name the file."""
    return target.prove(publication)
