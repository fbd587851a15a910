"""Needs and grants: take in, list, decide, renew, revoke."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.commands.run import Run
from pipelines.commands.sharing_state import Sharing, changing, note, read_sharing
from pipelines.shares import needs
from pipelines.shares.contracts import Break, breaks, policy_for
from pipelines.shares.intake import Intake, take_file, take_from_platform
from pipelines.shares.lines import Decided, GrantLine, NeedLine
from pipelines.shares.stamp import end_of
from pipelines.shares.state import SUBMITTED, Conditions, Grant, Need


@dataclass(frozen=True)
class Wanted:
    """What a decision says beside yes or no; None for columns or rows leaves them as the need asks for them."""

    by: str
    reason: str = ""
    columns: Sequence[str] | None = None
    conditions: Conditions | None = None
    until: datetime.date | None = None
    history: bool = True


def import_file(run: Run, file: Path) -> Intake:
    """Take in the needs of a file; with any fault, none of them.

    Raises:
        WorkspaceError: it is no such file.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        intake = take_file(file, sharing.state, sharing.offers, sharing.today, sharing.stamp)
        if intake.acts:
            note(sharing, intake.acts)
        return intake


def import_from_platform(run: Run) -> Intake:
    """Take in what bureaus handed in on the server's page; a faulty need is told once, and harms no other.

    Raises:
        OutsideError: the servers' file can't be read.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        calls = sharing.store / "calls.sqlite"
        intake = take_from_platform(calls, sharing.state, sharing.offers, sharing.today, sharing.stamp)
        if intake.acts:
            note(sharing, intake.acts)
        return intake


def listed(run: Run, bureau: str | None = None, *, overdue: bool = False) -> list[NeedLine]:
    """Every need, those to be decided first, the most urgent at the top.

    Raises:
        OutsideError: the chain of acts can't be read.
    """
    sharing = read_sharing(run)
    lines = [_line(sharing, need) for need in sharing.state.needs.values() if bureau in (None, need.bureau)]
    found = [line for line in lines if line.overdue or not overdue]
    return sorted(found, key=lambda line: (line.need.state != SUBMITTED, line.due.day, line.need.submitted_at))


def _line(sharing: Sharing, need: Need) -> NeedLine:
    due, offer = sharing.due(need), sharing.offers.get(need.dataset)
    title = offer.entry.title if offer else need.dataset
    overdue = need.state == SUBMITTED and sharing.today > due.day
    return NeedLine(need, sharing.state.bureaus[need.bureau].title, title, due, overdue)


def refuse(run: Run, need: str, by: str, reason: str) -> Decided:
    """Refuse a need, with its reason.

    Raises:
        UsageError: there is no such need, nobody who decides, or no reason.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        act = needs.refuse(sharing.state, need, by, reason, sharing.stamp)
        return _decided(note(sharing, (act,)), need, tuple(act.detail["ends"]))


def grant(run: Run, need: str, wanted: Wanted) -> Decided:
    """Confirm a need, in whole or in part.

    Raises:
        UsageError: as of `pipelines.shares.needs.grant`.
        NotPermittedError: the dataset is 不予共享.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        consent = needs.Consent(
            by=wanted.by,
            valid_to=_valid_to(sharing, wanted.until),
            columns=tuple(wanted.columns) if wanted.columns is not None else None,
            conditions=wanted.conditions,
            reason=wanted.reason,
            history=wanted.history,
        )
        act = needs.grant(sharing.state, sharing.offers, need, consent, sharing.stamp)
        return _decided(note(sharing, (act,)), need, tuple(act.detail["ends"]))


def _valid_to(sharing: Sharing, until: datetime.date | None) -> datetime.datetime:
    return end_of(until) if until else sharing.stamp.in_days(sharing.settings.grant_days)


def _decided(sharing: Sharing, need: str, ended: tuple[str, ...]) -> Decided:
    found = sharing.state.needs[need]
    given = sharing.state.grants.get(found.grant)
    return Decided(found, given, ended, _broken(sharing, found.bureau, found.dataset))


def _broken(sharing: Sharing, bureau: str, dataset: str) -> tuple[Break, ...]:
    """What of the bureau's own contract it can no longer read."""
    contract, offer = sharing.state.contracts.get((bureau, dataset)), sharing.offers.get(dataset)
    if contract is None:
        return ()
    policy = policy_for(sharing.state, offer, bureau, sharing.run.at) if offer else None
    return breaks(contract, offer, policy)


def renew(run: Run, name: str, by: str, until: datetime.date | None) -> Grant:
    """Let a grant run on, by its own id or its need's.

    Raises:
        UsageError: as of `pipelines.shares.needs.renew`.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        act = needs.renew(sharing.state, name, by, _valid_to(sharing, until), sharing.stamp)
        return note(sharing, (act,)).state.grants[act.subject]


def revoke(run: Run, name: str, reason: str) -> tuple[Grant, tuple[Break, ...]]:
    """End a grant at once; files whose addresses were given out already are refused, too.

    Returns:
        The grant, and what of the bureau's contract it can no longer read.

    Raises:
        UsageError: as of `pipelines.shares.needs.revoke`.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        act = needs.revoke(sharing.state, name, reason, sharing.stamp)
        after = note(sharing, (act,))
        ended = after.state.grants[act.subject]
        return ended, _broken(after, ended.bureau, ended.dataset)


def grants(run: Run, bureau: str | None = None) -> list[GrantLine]:
    """Every grant, those that hold first.

    Raises:
        OutsideError: the chain of acts can't be read.
    """
    sharing = read_sharing(run)
    found = [one for one in sharing.state.grants.values() if bureau in (None, one.bureau)]
    lines = [GrantLine(one, sharing.state.holds(one, run.at), _why(sharing, one)) for one in found]
    return sorted(lines, key=lambda line: (not line.holds, line.grant.bureau, line.grant.dataset, line.grant.id))


def _why(sharing: Sharing, one: Grant) -> str:
    if one.ended_at is not None:
        return f"ended on {one.ended_at:%Y-%m-%d}: {one.ended_for}"
    if one.valid_to <= sharing.run.at:
        return f"expired on {one.valid_to:%Y-%m-%d}"
    offer = sharing.offers.get(one.dataset)
    if offer is None:
        return "nothing is read by it: the catalogue has no such entry any more"
    if offer.grant_policy(one) is None:
        return f"nothing is read by it: {offer.entry.sharing.written}, or its columns were closed"
    return ""
