"""Confirming: a release that leaps away from the last one, in rows or in form, is published once a person says so.

Half the rows gone is more often a broken export than news; a column gone breaks what readers built on it. A
confirmation is bound to what was seen: with another source, other rules or other figures it counts no more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipelines.handover import Release
from pipelines.plan import Confirmation, Decision, Verdict
from resource_catalog.agency import Thresholds
from resource_catalog.errors import UsageError
from resource_catalog.table_schema import TableSchema

_TOKEN = re.compile(r"[a-z0-9-]+:[0-9a-f]{8}")


def _leap(before: int, now: int, thresholds: Thresholds) -> Iterator[str]:
    """The change of the rows, where it is more than the thresholds let pass."""
    change, unconfirmed = abs(now - before), round(thresholds.rows_change * before, 6)
    if change >= max(thresholds.rows_change_floor, 1) and change > unconfirmed:
        share = f"{(now - before) / before:+.1%}" if before else "from none"
        yield f"rows {before:,} → {now:,} ({share}, beyond {100 * thresholds.rows_change:g}%)"


def _breaks(schema: TableSchema, before: TableSchema, today: TableSchema) -> Iterator[str]:
    """What of the form breaks what readers built on it; a column that was closed is none: that never waits."""
    for name in before.names:
        if name in schema.names:
            if before.field(name).type != schema.field(name).type:
                yield f"type of {name}: {before.field(name).type} → {schema.field(name).type}"
        elif name not in today.names:
            yield f"column gone: {name}"
    if schema.primary_key != before.primary_key:
        had, has = (", ".join(key) or "none" for key in (before.primary_key, schema.primary_key))
        yield f"primary key: {had} → {has}"


def leaps(
    schema: TableSchema, rows: int, today: TableSchema, previous: Release, before: TableSchema, thresholds: Thresholds
) -> tuple[str, ...]:
    """What someone must confirm before a release follows another, a sentence each.

    Args:
        schema: The release's schema, as published.
        rows: How many rows it has.
        today: The table's whole schema, closed columns included.
        previous: The release before.
        before: That one's schema.
        thresholds: What the rows may change by unconfirmed.
    """
    return (*_leap(previous.rows, rows, thresholds), *_breaks(schema, before, today))


def _token(dataset: str, needed: Sequence[str], inputs: str) -> str:
    seen = json.dumps([dataset, list(needed), inputs], ensure_ascii=False)
    return f"{dataset}:{hashlib.sha256(seen.encode()).hexdigest()[:8]}"


def confirmed_or_blocked(
    decision: Decision, needed: Sequence[str], given: Mapping[str, str], live: int | None
) -> Decision:
    """The decision on a release that leaps: as it is where this very leap was confirmed, else blocked.

    Args:
        decision: To make the release.
        needed: What must be confirmed; of nothing, the decision stays as it is.
        given: Token → who confirmed it.
        live: The release that readers see meanwhile.
    """
    if not needed:
        return decision
    token = _token(decision.dataset, needed, decision.inputs)
    asked = Confirmation(tuple(needed), token, given.get(token, ""))
    if asked.by:
        reason = f"{decision.reason}; confirmed by {asked.by}: {'; '.join(needed)}"
        return replace(decision, reason=reason, confirmation=asked)
    moved = any(other.startswith(f"{decision.dataset}:") for other in given)
    said = " (what was confirmed is no longer what is there)" if moved else ""
    reason = (
        f"to be confirmed against the last release: {'; '.join(needed)}{said} → if that is right, "
        f"run `opendata publish {decision.dataset} --confirm {token}`; if not, mend the source or the schema"
    )
    return replace(decision, verdict=Verdict.BLOCKED, reason=reason, release=live, confirmation=asked)


def read_confirmations(tokens: Sequence[str], by: str) -> dict[str, str]:
    """Token → who confirms it, from the command line.

    Raises:
        UsageError: one of them is no token, or nobody says who confirms.
    """
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            raise UsageError(
                f"{token!r} confirms nothing: a confirmation names what was seen",
                where="--confirm",
                fix="copy it from what plan or publish said of the dataset: ID: and eight signs",
            )
    if tokens and not by.strip():
        raise UsageError("nobody is named who confirms", where="--by", fix="name yourself with --by")
    return dict.fromkeys(tokens, by.strip())


def dataset_of(token: str) -> str:
    """The dataset that a token is of."""
    return token.partition(":")[0]
