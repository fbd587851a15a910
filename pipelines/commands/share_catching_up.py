"""Catch up: the releases that bureaus have not seen yet, so that each can be a version of its own in their tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.commands.publications import published_quality, published_schema
from pipelines.commands.run import Run
from pipelines.handover import Release
from pipelines.ledger import DatasetState
from pipelines.releases import checksums_of, numbers, read_release
from pipelines.targets.sharing.files import sha256_of
from pipelines.targets.sharing.records import SharedTable, instant
from pipelines.targets.sharing.rows import ShareSource
from quality.rules.number_digits import RULE as NUMBER_DIGITS
from resource_catalog.errors import OpenDataError


def source_of(release: Release, store: str) -> ShareSource:
    """A release as tables are made of it; numbers of which a double loses digits are shared as text."""
    schema = published_schema(release)
    exact = bool(published_quality(release).counts.get(NUMBER_DIGITS.code))
    numbers_as_text = tuple(one.name for one in schema.fields if one.type == "number") if exact else ()
    return ShareSource(release, schema, store, numbers_as_text)


def _published_since(state: DatasetState, first: int) -> set[int]:
    """The releases that readers were given after `first` was last shown; none where one was taken back since."""
    found: set[int] = set()
    for event in state.history:  # newest first
        if event.release == first and event.act != "withdrawn":
            return found
        if event.act != "published" or event.release is None:
            return set()
        found.add(event.release)
    return set()  # readers never saw it


def _nothing_taken_back(state: DatasetState | None, since: str) -> bool:
    """Whether the public was only ever given more since an instant; bureaus' own releases have other numbers."""
    events = state.history if state else ()
    return all(event.act == "published" for event in events if instant(event.at) >= since)


def earlier_sources(run: Run, source: ShareSource, tables: Sequence[SharedTable]) -> tuple[ShareSource, ...]:
    """The releases between what the tables show and the newest, ascending: those whose data is still there.

    None where a release was taken or put back since: bureaus then go to the newest at once.
    """
    shown = [one.current for one in tables if one.current and one.current.store == source.store]
    behind = [one for one in shown if one.release < source.release.number]
    dataset = source.release.dataset
    state = run.states().get(dataset)
    if not behind:
        return ()
    first = min(one.release for one in behind)
    if source.store == "shared":
        folder = run.home.shared
        fit = set(numbers(folder, dataset)) if _nothing_taken_back(state, min(one.at for one in behind)) else set()
    else:
        folder = run.home.releases
        fit = _published_since(state, first) if state else set()
    known = [number for number in sorted(fit) if first < number < source.release.number]
    found = [_whole(folder, dataset, number, source.store) for number in known]
    return tuple(one for one in found if one)


def _whole(folder: Path, dataset: str, number: int, store: str) -> ShareSource | None:
    """A release whose rows and changes are as they were written; None where they are not."""
    try:
        one = source_of(read_release(folder, dataset, number), store)
        meant = checksums_of(one.release)
        files = (one.data, one.changes)
        whole = all(sha256_of(file) == meant[file.relative_to(one.release.folder).as_posix()] for file in files)
    except (OpenDataError, OSError, ValueError, KeyError):
        return None
    return one if whole else None
