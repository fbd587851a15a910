"""The files of a publication that readers can download, each with the hash that it must have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.handover import Form, Publication, Release
from pipelines.targets.ckan.words import ROLES
from pipelines.targets.eu_vocabularies import FILE_TYPES
from pipelines.targets.release_files import read_sums
from resource_catalog.data_dictionary import dictionary_csv

#: Role → media type, and the EU's file type.
_KINDS: Mapping[str, tuple[str, str]] = {
    "csv": ("text/csv", FILE_TYPES["csv"]),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", FILE_TYPES["xlsx"]),
    "jsonl": ("application/x-ndjson", FILE_TYPES["jsonl"]),
    "parquet": ("application/vnd.apache.parquet", FILE_TYPES["parquet"]),
    "datapackage": ("application/json", FILE_TYPES["jsonl"]),
    "dictionary": ("text/csv", FILE_TYPES["csv"]),
    "changes": ("application/vnd.apache.parquet", FILE_TYPES["parquet"]),
}
_DOCUMENTS = {"datapackage": "datapackage.json", "dictionary": "dictionary.csv", "changes": "changes.parquet"}


@dataclass(frozen=True)
class PublishedFile:
    """One file of one release (`release` is its number), or of a notice ("notice-" and 8 hex of its hash)."""

    release: str
    role: str
    name: str
    content: Path | bytes
    size: int
    sha256: str

    @property
    def key(self) -> str:
        """What tells it from all other files of the dataset."""
        return f"{self.release}/{self.role}"

    @property
    def media_type(self) -> str:
        """Such as text/csv."""
        return _KINDS[self.role][0]

    @property
    def file_type(self) -> str:
        """The EU's file type, such as CSV; also what people call the format."""
        return _KINDS[self.role][1]

    @property
    def format(self) -> str:
        """What people call the format."""
        return "JSONL" if self.role == "jsonl" else self.file_type


def _path(dataset: str, role: str) -> str:
    return _DOCUMENTS.get(role) or f"data/{dataset}.{role}"


def _of_release(release: Release) -> Iterator[PublishedFile]:
    """The release's parts; a format that the table can't have is left out there, and here."""
    sums = read_sums(release)
    for role in ROLES:
        path = _path(release.dataset, role)
        if path in sums:
            file = release.folder / path
            yield PublishedFile(str(release.number), role, file.name, file, file.stat().st_size, sums[path])


def _of_notice(publication: Publication) -> PublishedFile:
    content = dictionary_csv(publication.schema).encode()
    digest = hashlib.sha256(content).hexdigest()
    return PublishedFile(f"notice-{digest[:8]}", "dictionary", "dictionary.csv", content, len(content), digest)


def listed_releases(publication: Publication, grace: int) -> tuple[Release, ...]:
    """The releases that stay listed: the shown one, and the newest of the kept ones up to `grace` in all."""
    others = [release for release in publication.kept if release != publication.release]
    newest = others[max(0, len(others) - grace + 1) :]
    return tuple(release for release in publication.kept if release in newest or release == publication.release)


def files_of(publication: Publication, grace: int) -> tuple[PublishedFile, ...]:
    """Every file that readers shall find, oldest release first.

    Raises:
        OutsideError: a release's checksums are not those that it was made with.
    """
    if publication.form is Form.NOTICE:
        return (_of_notice(publication),)
    if publication.form is Form.TOMBSTONE:
        return ()
    return tuple(file for release in listed_releases(publication, grace) for file in _of_release(release))


def shown_files(publication: Publication, files: tuple[PublishedFile, ...]) -> dict[str, PublishedFile]:
    """Role → file of what is shown as latest."""
    if publication.form is Form.NOTICE:
        return {file.role: file for file in files}
    number = str(publication.release.number) if publication.release else ""
    return {file.role: file for file in files if file.release == number}
