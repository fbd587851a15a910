"""Catching up: which releases a table that is several behind gets a version of, each of its own, and which it can't."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.targets.sharing.records import SharedTable
from pipelines.targets.sharing.rows import ShareSource, source_columns
from resource_catalog.sharing_policy import Policy


def steps(
    table: SharedTable, policy: Policy, earlier: Sequence[ShareSource], newest: ShareSource, work: Path
) -> Iterator[ShareSource]:
    """The releases of which the table gets a version, oldest first, the newest last.

    A table of another policy, of another store or without a version goes to the newest at once: what came before was
    never meant for its readers. So does one that shows a later release, for then an earlier one was put back.

    Args:
        table: The record.
        policy: What the table is to show.
        earlier: Releases before the newest that may be shown, ascending.
        newest: The release that it is to show in the end.
        work: A work file of DuckDB's.
    """
    shown = table.current
    if shown and shown.store == newest.store and table.policy.identity == policy.identity:
        for one in earlier:
            if shown.release < one.release.number < newest.release.number and _fits(one, policy, newest, work):
                yield replace(one, exact=newest.exact)
    yield newest


def _fits(one: ShareSource, policy: Policy, newest: ShareSource, work: Path) -> bool:
    """Whether a release has the policy's columns as the newest has them: there, of its type, and masked alike."""
    then, now = ({field.name: field for field in source.schema.fields} for source in (one, newest))
    if not set(one.exact) <= set(newest.exact):
        return False  # numbers that the newest has as doubles would lose digits
    asked = {*policy.columns, *policy.conditions}
    if any(name not in then or then[name].mask != now[name].mask for name in asked):
        return False
    before = source_columns(replace(one, exact=newest.exact), work)
    after = source_columns(newest, work)
    return all(before[name].type == after[name].type for name in asked)


def passed_over(table: SharedTable, source: ShareSource) -> tuple[int, ...]:
    """The numbers between the release that a table shows and the one that it is to show next."""
    shown = table.current
    if shown is None or shown.store != source.store:
        return ()
    return tuple(range(shown.release + 1, source.release.number))
