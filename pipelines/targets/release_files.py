"""What a release's folder holds, by its own SHA256SUMS and its descriptor's resources."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.handover import Release
from resource_catalog.errors import OutsideError

SUMS = "SHA256SUMS"

#: SHA-256 of files that this process has read, by what the disk says of them: a load asks for the same one four times.
_READ: dict[tuple[int, ...], str] = {}

#: How the formats are called, and in which order they are offered.
FORMAT_NAMES: Mapping[str, str] = {"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSON Lines", "parquet": "Parquet"}


@dataclass(frozen=True)
class DataFile:
    """One format of the release's table; `path` is relative to the release's folder, `size` in bytes."""

    format: str
    name: str
    path: str
    media_type: str
    size: int
    sha256: str


def parse_sums(content: bytes, where: str) -> dict[str, str]:
    """The checksums of a SHA256SUMS file: path → 64 hexadecimal digits.

    Raises:
        OutsideError: a line is no checksum line, or its path leaves the release's folder.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
        digest, separator, path = line.partition("  ")
        parts = PurePosixPath(path).parts
        if not separator or len(digest) != 64 or not parts or ".." in parts or path.startswith("/"):
            fix = "put the release's folder back from its backup"
            raise OutsideError("not a line of checksum and path", where=f"{where}, line {number}", fix=fix)
        sums[path] = digest
    return sums


def read_sums(release: Release) -> dict[str, str]:
    """The checksums of a release's files, proved by the release's digest.

    Raises:
        OutsideError: the folder's SHA256SUMS is not the one that the release was made with.
    """
    path = release.folder / SUMS
    content = path.read_bytes()
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != release.digest:
        what = f"the checksums of release {release.number} of {release.dataset} are not those it was made with"
        raise OutsideError(what, where=str(path), fix="put the release's folder back from its backup")
    return parse_sums(content, str(path))


def refuse_changed(file: Path, expected: str) -> None:
    """Refuse a file of the store whose bytes are no longer those that its release was made with.

    Args:
        file: The file.
        expected: Its SHA-256 in hex, by the release's SHA256SUMS.

    Raises:
        OutsideError: it was changed or lost.
    """
    try:
        with file.open("rb") as stream:
            there = os.fstat(stream.fileno())
            known = (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns)
            found = _READ.get(known) or hashlib.file_digest(stream, "sha256").hexdigest()
            _READ[known] = found
    except OSError as error:
        found = str(error.strerror)
    if found != expected:
        fix = "put the release's folder back from its backup, or withdraw the dataset"
        raise OutsideError("the release has other bytes than its SHA256SUMS says", where=str(file), fix=fix)


def _data_file(resource: Mapping[str, Any]) -> DataFile:
    written = str(resource.get("format", "")).lower()
    return DataFile(
        format=written,
        name=FORMAT_NAMES.get(written, written.upper()),
        path=str(resource["path"]),
        media_type=str(resource.get("mediatype", "application/octet-stream")),
        size=int(resource.get("bytes", 0)),
        sha256=str(resource.get("hash", "")).removeprefix("sha256:"),
    )


def data_files(release: Release) -> tuple[DataFile, ...]:
    """The release's table in each of its formats, CSV first."""
    order = list(FORMAT_NAMES)
    found = [_data_file(resource) for resource in release.descriptor["resources"] if not _is_keys(release, resource)]
    return tuple(sorted(found, key=lambda file: order.index(file.format) if file.format in order else len(order)))


def key_files(release: Release) -> tuple[DataFile, ...]:
    """The keys of other datasets that the release carries so that its foreign keys can be followed, by dataset."""
    found = [resource for resource in release.descriptor["resources"] if _is_keys(release, resource)]
    return tuple(replace(_data_file(resource), name=str(resource["name"])) for resource in found)


def _is_keys(release: Release, resource: Mapping[str, Any]) -> bool:
    """Every table but the release's own."""
    return resource.get("type") == "table" and resource["name"] != release.dataset


def left_out(release: Release) -> Iterator[tuple[str, str]]:
    """The formats that the release lacks, each with the sentence that says why."""
    reasons = release.descriptor.get("opendata", {}).get("left_out") or {}
    for written, reason in reasons.items():
        yield FORMAT_NAMES.get(written, written.upper()), str(reason)
