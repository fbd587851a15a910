"""The proof that readers find a publication, whole and only that; each fault is a sentence that names its file."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.handover import Form, Proof, Publication, Release
from pipelines.targets.release_files import SUMS, data_files, parse_sums
from pipelines.targets.static.about import dataset_address, read_about
from pipelines.targets.static.dataset_files import made_files
from pipelines.targets.static.dcat import dataset_node
from pipelines.targets.static.dcat_facts import node_facts
from pipelines.targets.static.files import files_below, sha256_of
from quality.metadata_quality import score_metadata


@dataclass
class Reading:
    """What was read so far, and what was wrong with it."""

    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)

    def count(self, size: int) -> None:
        """One more file was read."""
        self.files += 1
        self.bytes += size

    def sha256(self, path: Path) -> str:
        """The file's hash; a file of two names (its release's and `latest`) is read once."""
        status = path.stat()
        self.count(status.st_size)
        identity = (status.st_dev, status.st_ino)
        if identity not in self.hashes:
            self.hashes[identity] = sha256_of(path)
        return self.hashes[identity]


def _read(path: Path, shown: str, reading: Reading) -> bytes | None:
    if not path.is_file():
        reading.faults.append(f"{shown} is missing")
        return None
    content = path.read_bytes()
    reading.count(len(content))
    return content


def _read_release(folder: Path, shown: str, release: Release, reading: Reading) -> set[str]:
    """Compare a release's files with its checksums, and these with its digest; returns the paths that belong."""
    content = _read(folder / SUMS, f"{shown}/{SUMS}", reading)
    if content is None:
        return {SUMS}
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != release.digest:
        reading.faults.append(f"{shown}/{SUMS} is not that of release {release.number}")
        return {SUMS}
    sums = parse_sums(content, f"{shown}/{SUMS}")
    for path, expected in sums.items():
        file = folder / path
        if not file.is_file():
            reading.faults.append(f"{shown}/{path} is missing")
        elif reading.sha256(file) != expected:
            reading.faults.append(f"{shown}/{path} has other bytes than release {release.number}")
    return {SUMS, *sums}


def _read_releases(folder: Path, shown: str, publication: Publication, reading: Reading) -> set[str]:
    if publication.form is not Form.RELEASE:
        return set()
    places = [(str(release.number), release) for release in publication.kept]
    if publication.release:
        places.append(("latest", publication.release))
    belonging: set[str] = set()
    for name, release in places:
        paths = _read_release(folder / name, f"{shown}/{name}", release, reading)
        belonging.update(f"{name}/{path}" for path in paths)
    return belonging


def dataset_reading(root: Path, publication: Publication, digest: str, base_url: str) -> Reading:
    """Read a dataset's folder as a reader reaches it, through its address."""
    shown = f"dataset/{publication.dataset}"
    folder = root / shown
    reading = Reading()
    about = read_about(folder)
    if about is None:
        reading.faults.append(f"{shown}/about.json is missing or can't be read")
        return reading
    if about["digest"] != digest:
        reading.faults.append(f"{shown}/about.json belongs to another publication")
        return reading
    belonging = _read_releases(folder, shown, publication, reading)
    if reading.faults:
        return reading  # pages are made from these files, so there is nothing to compare them with
    made = made_files(publication, digest, base_url, folder)
    for name, expected in made.items():
        content = _read(folder / name, f"{shown}/{name}", reading)
        if content not in (None, expected):
            reading.faults.append(f"{shown}/{name} is not what the publication says")
    strangers = files_below(folder) - belonging - made.keys()
    reading.faults += [f"{shown}/{path} doesn't belong to the publication" for path in sorted(strangers)]
    return reading


@functools.lru_cache(maxsize=4)
def _listed(path: Path, _version: tuple[int, int]) -> frozenset[str]:
    """The ids or addresses that a list names; read once for all proofs while the file stays as it is."""
    document = json.loads(path.read_bytes())
    if path.suffix == ".json":
        return frozenset(dataset["id"] for dataset in document["datasets"])
    return frozenset(dataset["@id"] for node in document["@graph"] for dataset in node.get("dcat:dataset", ()))


def _names(path: Path, dataset: str) -> bool:
    try:
        status = path.stat()
        return dataset in _listed(path, (status.st_ino, status.st_mtime_ns))
    except (FileNotFoundError, ValueError, KeyError):
        return False


def _list_faults(root: Path, publication: Publication, base_url: str) -> Iterator[str]:
    """Whether the lists that span datasets name the dataset just where it can be had."""
    dataset = publication.dataset
    expected = publication.form is not Form.TOMBSTONE
    for name, word in (("index.json", dataset), ("catalog.jsonld", dataset_address(base_url, dataset))):
        listed = _names(root / name, word)
        if listed and not expected:
            yield f"{name} still lists {dataset}, which is withdrawn"
        if expected and not listed:
            yield f"{name} doesn't list {dataset}"


def _all_files(root: Path) -> Iterator[Path]:
    for path, _, names in os.walk(root):
        yield from (Path(path) / name for name in names)


def _remains(root: Path, publication: Publication) -> Iterator[str]:
    """Files anywhere in the portal that have the name or the bytes of recalled data.

    The bytes are those of `publication.kept`: for a dataset without data these are the releases that were recalled.
    """
    recalled = [file for release in publication.kept if release.rows for file in data_files(release)]
    hashes = {file.sha256 for file in recalled}
    sizes = {file.size for file in recalled}
    link = root / "dataset" / publication.dataset
    shelf = root / "versions" / publication.dataset
    version = shelf / link.readlink().name if link.is_symlink() else shelf
    for path in _all_files(root):
        named = path.stem == publication.dataset and path.parent.name == "data"
        left = path.is_relative_to(shelf) and not path.is_relative_to(version)
        if named or left or (path.stat().st_size in sizes and sha256_of(path) in hashes):
            yield f"{path.relative_to(root).as_posix()} is left of the data of {publication.dataset}"


def prove_publication(root: Path, publication: Publication, digest: str, base_url: str) -> Proof:
    """Read all that readers find of a dataset, and what the portal's lists say of it."""
    reading = dataset_reading(root, publication, digest, base_url)
    faults = [*reading.faults, *_list_faults(root, publication, base_url)]
    if publication.form is not Form.RELEASE:
        faults += _remains(root, publication)
    listed = publication.form is not Form.TOMBSTONE
    metadata = score_metadata([node_facts(dataset_node(publication, base_url))]) if listed else None
    return Proof("static", publication.dataset, reading.files, reading.bytes, tuple(faults), metadata)
