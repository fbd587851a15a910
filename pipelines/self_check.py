"""What the catalogue's own self-check hands to those who print it and keep its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from quality.metadata_quality import MetadataScore
from resource_catalog.issues import Issue


@dataclass(frozen=True)
class SelfCheck:
    """What the catalogue's own self-check found.

    `metadata` has the points of each entry that the public may know of, `not_compared` by dataset why its source's real
    columns were not looked at. `entered` counts the new, mended and open issues of the ledger that they were entered
    in, and is empty where there is none.
    """

    workspace: Path
    entries: int
    issues: tuple[Issue, ...]
    metadata: Mapping[str, MetadataScore]
    metadata_of_all: MetadataScore
    not_compared: Mapping[str, str]
    entered: Mapping[str, int] = field(default_factory=dict)
