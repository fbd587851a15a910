"""Contracts and announcements: what bureaus rely on, and publications that wait until a break of it was announced."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines.commands.prepare import Prepared
from pipelines.commands.run import Run
from pipelines.commands.sharing_state import (
    Sharing,
    audit_acts,
    changing,
    note,
    read_sharing,
    shared_tables,
    tell_server,
)
from pipelines.plan import TROUBLE, Decision, Verdict
from pipelines.shares import contracts
from pipelines.shares.contracts import Break
from pipelines.shares.lines import ContractLine
from pipelines.shares.state import Announcement, Contract


def register(run: Run, bureau: str, dataset: str, columns: Sequence[str], keys: Sequence[str]) -> Contract:
    """Note what a bureau relies on.

    Raises:
        UsageError: as of `pipelines.shares.contracts.register`.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        act = contracts.register(sharing.state, sharing.offers, bureau, dataset, columns, keys, sharing.stamp)
        return note(sharing, (act,)).state.contracts[bureau, dataset]


def end(run: Run, bureau: str, dataset: str) -> None:
    """End a contract.

    Raises:
        UsageError: there is none.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        note(sharing, (contracts.end(sharing.state, bureau, dataset, sharing.stamp),))


def listed(run: Run) -> tuple[list[ContractLine], list[Announcement]]:
    """Every contract with what breaks it, and the announcements, newest first.

    Raises:
        OutsideError: the chain of acts can't be read.
    """
    sharing = read_sharing(run)
    lines = [
        ContractLine(one, tuple(each for each in _breaks(sharing, one.dataset) if each.bureau == one.bureau))
        for _key, one in sorted(sharing.state.contracts.items())
    ]
    return lines, sorted(sharing.state.announcements, key=lambda one: one.announced_at, reverse=True)


def announce(run: Run, dataset: str, what: str, on: datetime.date) -> Announcement:
    """Announce a change of a dataset to the bureaus that read it.

    Raises:
        UsageError: there is no such dataset, no text, or too little notice.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        first = sharing.today + datetime.timedelta(days=sharing.settings.notice_days)
        act = contracts.announce(sharing.offers, dataset, what, on, first, sharing.stamp)
        return note(sharing, (act,)).state.announcements[-1]


def _breaks(sharing: Sharing, dataset: str) -> tuple[Break, ...]:
    return contracts.all_breaks(sharing.state, sharing.offers, dataset, sharing.run.at)


def held_to_contracts(sharing: Sharing, prepared: Prepared) -> Prepared:
    """What was prepared, told of the bureaus whose contracts it breaks; blocked where a break waits to be announced."""
    decision = prepared.decision
    if decision.verdict is Verdict.FAILED or not any(one[1] == decision.dataset for one in sharing.state.contracts):
        return prepared
    found = _breaks(sharing, decision.dataset)
    if not found:
        return prepared
    waits = not all(contracts.may_come(sharing.state, one, sharing.today) for one in found)
    return replace(prepared, decision=_told(sharing, decision, found, waits), unannounced=waits)


def _told(sharing: Sharing, decision: Decision, found: Sequence[Break], waits: bool) -> Decision:
    """Blocked also where only bureaus read it, so that the public sees no change; a withdrawal never waits."""
    said = "; ".join(map(str, found))
    decision = replace(decision, breaks=tuple({"bureau": one.bureau, "what": one.what} for one in found))
    if not waits or decision.verdict in TROUBLE or decision.verdict is Verdict.WITHDRAW:
        return replace(decision, reason=f"{decision.reason}; {said}")
    reason = f"it would break what bureaus rely on: {said} → {_fix(sharing, decision.dataset)}"
    return replace(decision, verdict=Verdict.BLOCKED, reason=reason)


def _fix(sharing: Sharing, dataset: str) -> str:
    day = contracts.next_day(sharing.state, dataset, sharing.today)
    if day is not None:
        return f"announced for {day}: publish it then, or mend the schema"
    return f"`opendata announce {dataset} --what TEXT --on DATE`, and publish it from that day on; or mend the schema"


def settle(run: Run, decisions: Iterable[Decision]) -> None:
    """After publishing: what was broken as announced is relied on no more; the server is told how all stands.

    The head of its audit log is noted.

    Raises:
        OutsideError: the ledger or the store can't be written.
    """
    sharing = read_sharing(run)
    if not sharing.head.count and not shared_tables(sharing):
        return
    published = [one.dataset for one in decisions if one.verdict is Verdict.PUBLISHED]
    broken = [each for dataset in published for each in _breaks(sharing, dataset) if each.waits]
    acts = (*contracts.note_broken(sharing.state, broken, sharing.stamp), *audit_acts(sharing))
    if acts:
        note(sharing, acts)
    else:
        tell_server(sharing)


def with_policies(run: Run) -> Run:
    """The run, which knows under which policies each dataset is to be shared."""
    return replace(run, policies=read_sharing(run).policies())
