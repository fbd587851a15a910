"""The store of releases: `<home>/releases/<id>/<n>/`, written once, never changed, listed from what is there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipelines.handover import Changes, Release
from resource_catalog.errors import OutsideError

CHECKSUMS = "SHA256SUMS"
DESCRIPTOR = "datapackage.json"
#: Column of a release's changes: insert, delete, update_preimage or update_postimage.
CHANGE_TYPE = "_change_type"
#: Key of the descriptor under which this project's own facts stand.
OWN = "opendata"


def numbers(store: Path, dataset: str) -> list[int]:
    """The numbers of a dataset's releases, ascending."""
    folder = store / dataset
    if not folder.is_dir():
        return []
    return sorted(int(child.name) for child in folder.iterdir() if child.name.isdigit())


def read_release(store: Path, dataset: str, number: int) -> Release:
    """The release in its folder.

    Raises:
        OutsideError: the folder lacks its descriptor or checksums, or they can't be read.
    """
    folder = store / dataset / str(number)
    try:
        descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
        checksums = (folder / CHECKSUMS).read_bytes()
    except (OSError, ValueError) as error:
        raise OutsideError(
            f"release {number} can't be read: {error}", where=str(folder), fix="restore the folder from a backup"
        ) from error
    own = descriptor[OWN]
    return Release(
        dataset=dataset,
        number=number,
        folder=folder,
        digest=f"sha256:{hashlib.sha256(checksums).hexdigest()}",
        descriptor=descriptor,
        rows=own["rows"],
        changes=Changes(**own["changes"]),
    )


def latest_release(store: Path, dataset: str) -> Release | None:
    """The release with the highest number; None where there is none."""
    known = numbers(store, dataset)
    return read_release(store, dataset, known[-1]) if known else None


def checksums_of(release: Release) -> dict[str, str]:
    """Path → SHA-256 in hex, of every file of the release but SHA256SUMS itself."""
    lines = (release.folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
