"""Judges one answer of a portal: of which known releases it can be, and whether it may be that at its time."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.known_releases import KnownRelease, KnownReleases, rows_digest

_SHA256_LETTERS = 64


class Verdict(StrEnum):
    """What a reader got."""

    WHOLE = "whole"  # one release, and one that the dataset's metadata showed at that time
    OUTRUN = "outrun"  # whole, but a switch came between the parts of one reading (an address and its file, two pages)
    STALL = "stall"  # whole, but the reader was kept waiting
    EMPTY = "empty"  # no rows, no bytes, no dataset, or a file of the release not listed
    MIXED = "mixed"  # of two releases, of none, or of one that the metadata did not show at that time
    ERROR = "error"


#: What no reader may ever get. OUTRUN is not among them: no portal can keep a reader's earlier answer true.
WRONG = frozenset({Verdict.STALL, Verdict.EMPTY, Verdict.MIXED, Verdict.ERROR})


@dataclass(frozen=True)
class Sight:
    """What an answer shows by itself: the releases that it can be of, or why it is none's."""

    releases: frozenset[int] = frozenset()
    fault: Verdict | None = None
    why: str = ""


def _fault(verdict: Verdict, why: str) -> Sight:
    return Sight(fault=verdict, why=why)


def fields_of(package: Mapping[str, Any]) -> dict[str, str]:
    """A dataset's plain fields and its extras, as text."""
    plain = {key: str(value) for key, value in package.items() if isinstance(value, str | int | bool)}
    return plain | {extra["key"]: str(extra["value"]) for extra in package.get("extras") or ()}


def role_of(resource: Mapping[str, Any]) -> str:
    """Which of a release's files a resource stands for."""
    return str(resource.get("release_role") or resource.get("name") or "")


def release_of(package: Mapping[str, Any]) -> int | None:
    """The release that a dataset's metadata says it is."""
    said = fields_of(package).get("release", "")
    return int(said) if said.isdigit() else None


def judge_package(package: Mapping[str, Any], known: KnownReleases) -> Sight:
    """A dataset's metadata: the release that it names, with all of that release's fields, files and hashes."""
    number = release_of(package)
    release = known.get(number) if number is not None else None
    if release is None:
        return _fault(Verdict.MIXED, f"the metadata names release {number}, which is not known")
    fields = fields_of(package)
    other = {key: fields.get(key) for key, value in release.metadata.items() if fields.get(key) != value}
    if other:
        return _fault(Verdict.MIXED, f"the metadata of release {number} has {other}")
    return _judge_resources(package.get("resources") or (), release)


def _judge_resources(resources: Sequence[Mapping[str, Any]], release: KnownRelease) -> Sight:
    for role, expected in release.files.items():
        listed = [resource for resource in resources if role_of(resource) == role]
        if not listed:
            return _fault(Verdict.EMPTY, f"release {release.number} lists no {role}")
        if len(listed) > 1:
            return _fault(Verdict.MIXED, f"release {release.number} lists {role} {len(listed)} times")
        digest, number = promised_hash(listed[0]), str(listed[0].get("release") or release.number)
        if digest not in {"", expected} or number != str(release.number):
            why = f"release {release.number} lists {role} of release {number} with the hash {digest[:12]}"
            return _fault(Verdict.MIXED, why)
    return Sight(frozenset({release.number}))


def promised_hash(resource: Mapping[str, Any]) -> str:
    """The SHA-256 in hex that the metadata gives for a file; "" where it gives none, or one of another kind."""
    digest = str(resource.get("hash") or "").removeprefix("sha256:")
    return digest if len(digest) == _SHA256_LETTERS else ""


def judge_hits(result: Mapping[str, Any], dataset: str, known: KnownReleases) -> Sight:
    """What a search for the dataset's name finds: it, once, whole."""
    hits = [hit for hit in result["results"] if hit["name"] == dataset]
    if len(hits) > 1 or (hits and result["count"] != len(hits)):
        return _fault(Verdict.MIXED, f"search counts {result['count']} hits and gives {len(hits)}")
    if not hits:
        return _fault(Verdict.EMPTY, "search does not find the dataset")
    return judge_package(hits[0], known)


def judge_file(content: bytes, role: str, known: KnownReleases) -> Sight:
    """A file's bytes."""
    if not content:
        return _fault(Verdict.EMPTY, f"{role} has no bytes")
    digest = hashlib.sha256(content).hexdigest()
    releases = frozenset(release.number for release in known.all() if release.files.get(role) == digest)
    if not releases:
        return _fault(Verdict.MIXED, f"{role} has {len(content)} bytes of no known release")
    return Sight(releases)


@dataclass(frozen=True)
class Page:
    """Rows of a table by their digests, of at most `limit` that were asked for.

    `total` is what the portal says of the whole table, None where it says nothing.
    """

    digests: Sequence[int]
    total: int | None
    offset: int
    limit: int = sys.maxsize


def judge_page(page: Page, known: KnownReleases) -> Sight:
    """Rows that one answer gave: all of one release, as many as it has there, and its number of rows."""
    if not page.total and page.total is not None:
        return _fault(Verdict.EMPTY, f"the table says that it has 0 rows, and gives {len(page.digests)}")
    if not page.digests and page.offset == 0:
        return _fault(Verdict.EMPTY, "the table has no rows")
    releases = frozenset(release.number for release in known.all() if _page_is_of(page, release))
    return Sight(releases) if releases else _fault(Verdict.MIXED, _page_why(page, known))


def _page_is_of(page: Page, release: KnownRelease) -> bool:
    table = release.table
    if table is None or page.total not in {None, table.count}:
        return False
    if len(page.digests) != max(0, min(page.limit, table.count - page.offset)):
        return False
    if len(page.digests) == table.count:
        return rows_digest(page.digests) == table.digest
    return table.rows.issuperset(page.digests)


def _page_why(page: Page, known: KnownReleases) -> str:
    shares = {}
    for release in known.all():
        rows = release.table.rows if release.table else frozenset()
        shares[release.number] = sum(digest in rows for digest in page.digests)
    most = sorted((number for number in shares if shares[number]), key=lambda number: -shares[number])[:3]
    of = ", ".join(f"{shares[number]} of release {number}" for number in most)
    return f"{len(page.digests)} rows from {page.offset} of {page.total}, among them {of or 'none that is known'}"


def judge_all_pages(pages: Sequence[Page], known: KnownReleases) -> Sight:
    """The pages of one reading, together: the rows of one release, each once."""
    digests = [digest for page in pages for digest in page.digests]
    return judge_page(Page(digests, pages[0].total, 0), known)


@dataclass(frozen=True)
class Span:
    """The releases that the metadata named right before and right after a reading; None where it named none."""

    before: int | None
    after: int | None

    def covers(self, releases: frozenset[int]) -> bool:
        """Whether one of the releases may be read in that time."""
        if self.before is None or self.after is None:
            return bool(releases)
        first, last = sorted((self.before, self.after))
        return any(first <= number <= last for number in releases)

    @property
    def switched(self) -> bool:
        """Whether a switch came while it was read."""
        return self.before != self.after


def place(sight: Sight, span: Span, promised: int | None = None) -> tuple[Verdict, str]:
    """The verdict on an answer at its time, and why.

    `promised` is the release that the metadata named which led the reader to this answer.
    """
    if sight.fault:
        return sight.fault, sight.why
    if not span.covers(sight.releases):
        shown = sorted(sight.releases)
        return Verdict.MIXED, f"of release {shown}; the metadata named {span.before} before and {span.after} after"
    if promised is not None and promised not in sight.releases:
        return Verdict.OUTRUN, f"of release {sorted(sight.releases)}, led to by the metadata of release {promised}"
    return Verdict.WHOLE, ""


def place_pages(sight: Sight, span: Span) -> tuple[Verdict, str]:
    """The verdict on a reading of several pages: a switch between two of them outruns the reader."""
    verdict, why = place(sight, span)
    return (Verdict.OUTRUN, why) if verdict is Verdict.MIXED and span.switched else (verdict, why)
