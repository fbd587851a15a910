"""Needs (共享需求): taken in, decided in part or whole, and renewed; what was confirmed becomes a grant."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.shares.acts import GRANT_RENEWED, GRANT_REVOKED, NEED_DECIDED, NEED_SUBMITTED, SharingAct
from pipelines.shares.bureaus import known_bureau
from pipelines.shares.offers import Offer, Offers
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import (
    AGREED,
    DECLINED,
    PARTLY_AGREED,
    SUBMITTED,
    Conditions,
    Grant,
    Need,
    SharingState,
    Wish,
)
from resource_catalog.errors import NotPermittedError, UsageError
from resource_catalog.sharing_policy import Policy
from resource_catalog.vocabulary import Sharing

_BY_RULE = "rule"


@dataclass(frozen=True)
class Request:
    """One need as it came in, its names resolved; `received` is the day on which it came."""

    bureau: str
    dataset: str
    wish: Wish
    received: datetime.date
    origin: str = ""


@dataclass(frozen=True)
class Consent:
    """What is granted of a need: None for `columns` or `conditions` is what the need asks for."""

    by: str
    valid_to: datetime.datetime
    columns: tuple[str, ...] | None = None
    conditions: Conditions | None = None
    reason: str = ""
    history: bool = True


def last_need(state: SharingState, bureau: str, dataset: str) -> Need | None:
    """The latest need of a bureau for a dataset."""
    mine = [need for need in state.needs.values() if (need.bureau, need.dataset) == (bureau, dataset)]
    return mine[-1] if mine else None


def is_known(state: SharingState, request: Request) -> bool:
    """Whether a need was taken in already: the latest one asks for the same, and was not decided before this came."""
    last = last_need(state, request.bureau, request.dataset)
    if last is None or last.wish != request.wish:
        return False
    return last.decided_at is None or request.received <= last.decided_at.date()


def submit(state: SharingState, offer: Offer, request: Request, number: int, stamp: Stamp) -> tuple[SharingAct, ...]:
    """Take a need in: as a new one, or in the place of one that is not decided yet; 无条件共享 is granted by rule.

    Args:
        state: As it is before.
        offer: Of the dataset.
        request: The need.
        number: What a new need is numbered.
        stamp: When.
    """
    last = last_need(state, request.bureau, request.dataset)
    need = last.id if last is not None and last.state == SUBMITTED else f"need-{number}"
    wish = request.wish
    facts = {
        "bureau": request.bureau,
        "dataset": request.dataset,
        "columns": list(wish.columns),
        "conditions": _written(wish.conditions),
        **{name: getattr(wish, name) for name in ("purpose", "basis", "mode", "frequency")},
        "received": request.received.isoformat(),
        "origin": request.origin,
    }
    submitted = stamp.act(NEED_SUBMITTED, need, **facts)
    if offer.kind is not Sharing.UNCONDITIONAL:
        return (submitted,)
    return (submitted, _decided(need, AGREED, offer.entry.sharing.written, _BY_RULE, stamp))


def _written(conditions: Conditions) -> dict[str, list[str]]:
    return {column: list(conditions[column]) for column in sorted(conditions)}


def _decided(
    need: str,
    decision: str,
    reason: str,
    by: str,
    stamp: Stamp,
    grant: Mapping[str, Any] | None = None,
    ends: tuple[str, ...] = (),
) -> SharingAct:
    facts = {"decision": decision, "reason": reason.strip(), "by": by.strip(), "grant": grant, "ends": list(ends)}
    return stamp.act(NEED_DECIDED, need, **facts)


def known_need(state: SharingState, need: str) -> Need:
    """A need by its id.

    Raises:
        UsageError: there is none.
    """
    if need not in state.needs:
        raise UsageError("there is no such need", where=need, fix="`opendata need list` has all of them")
    return state.needs[need]


def _by_somebody(need: str, by: str) -> None:
    if not by.strip():
        raise UsageError("nobody is named who decides", where=need, fix="name yourself with --by")


def refuse(state: SharingState, need: str, by: str, reason: str, stamp: Stamp) -> SharingAct:
    """Refuse a need, with a reason that the bureau can read; a grant that it had ends in the same act.

    Raises:
        UsageError: there is no such need, nobody who decides, or no reason.
    """
    found = known_need(state, need)
    _by_somebody(need, by)
    if not reason.strip():
        raise UsageError("a refusal needs a reason that the bureau can read", where=need, fix='add --reason "…"')
    ends = tuple(one.id for one in state.grants.values() if one.need == found.id and state.holds(one, stamp.at))
    return _decided(need, DECLINED, reason, by, stamp, ends=ends)


def grant(state: SharingState, offers: Offers, need: str, consent: Consent, stamp: Stamp) -> SharingAct:
    """Confirm a need, in whole or in part; every grant that the bureau had of the dataset ends in the same act.

    Raises:
        UsageError: there is no such need or bureau, nobody who decides, a consent beyond what was asked for, or one in
            part without a reason.
        NotPermittedError: the dataset is 不予共享, or nothing that was asked for is shared.
    """
    found = known_need(state, need)
    _by_somebody(need, consent.by)
    known_bureau(state, found.bureau)
    offer = _permitted(offers, found)
    if offer.kind is Sharing.UNCONDITIONAL:
        return _decided(need, AGREED, offer.entry.sharing.written, consent.by, stamp)
    if consent.valid_to <= stamp.at:
        raise UsageError("the grant would be over before it began", where="--until", fix="name a later day")
    columns, conditions = _columns(offer, found, consent), _conditions(offer, found, consent)
    asked = found.wish.columns or offer.columns
    in_part = set(columns) != set(asked) or dict(conditions) != dict(found.wish.conditions)
    if in_part and not consent.reason.strip():
        fix = 'add --reason "…": the bureau reads why it gets less than it asked for'
        raise UsageError("a consent in part needs a reason", where=need, fix=fix)
    given = {
        "id": f"grant-{len(state.grants) + 1}",
        "columns": list(columns),
        "conditions": _written(conditions),
        "valid_to": consent.valid_to.isoformat(),
        "history": consent.history,
    }
    ends = tuple(one.id for one in state.grants.values() if _same(one, found) and state.holds(one, stamp.at))
    return _decided(need, PARTLY_AGREED if in_part else AGREED, consent.reason, consent.by, stamp, given, ends)


def _same(grant: Grant, need: Need) -> bool:
    return (grant.bureau, grant.dataset) == (need.bureau, need.dataset)


def _permitted(offers: Offers, need: Need) -> Offer:
    offer = offers.get(need.dataset)
    if offer is None or offer.kind is Sharing.WITHHELD:
        word = offer.entry.sharing.written if offer else "no entry of the catalogue any more"
        basis = f": {offer.entry.sharing_basis}" if offer and offer.entry.sharing_basis else ""
        raise NotPermittedError(
            f"{need.dataset} is {word}{basis}, so the need can only be refused",
            where=need.id,
            fix=f'`opendata need decide {need.id} --refuse --by NAME --reason "…"`',
        )
    return offer


def _columns(offer: Offer, need: Need, consent: Consent) -> tuple[str, ...]:
    """The granted columns in the schema's order: those that were asked for and are shared, or those of the consent."""
    asked = set(need.wish.columns or offer.columns)
    if consent.columns is None:
        left = tuple(name for name in offer.columns if name in asked)
        if not left:
            fix = "refuse the need, or open a column in the schema"
            raise NotPermittedError("none of the columns that were asked for is shared", where=need.id, fix=fix)
        return left
    chosen = {_shared_column(offer, word, "--columns") for word in consent.columns}
    beyond = chosen - asked
    if beyond or not chosen:
        what = f"the need doesn't ask for {', '.join(sorted(beyond))}" if beyond else "no column is named"
        raise UsageError(what, where="--columns", fix=f"it asks for {', '.join(sorted(asked))}")
    return tuple(name for name in offer.columns if name in chosen)


def _shared_column(offer: Offer, word: str, where: str) -> str:
    name = offer.named(word)
    if name is None:
        fix = f"shared are {', '.join(offer.columns) or 'none'}"
        raise UsageError(f"{offer.entry.id} shares no column {word!r}", where=where, fix=fix)
    return name


def _conditions(offer: Offer, need: Need, consent: Consent) -> dict[str, tuple[str, ...]]:
    """The granted rows: those that were asked for, and of these those that the consent leaves."""
    found = {column: tuple(sorted(values)) for column, values in need.wish.conditions.items()}
    for word, values in (consent.conditions or {}).items():
        column = _shared_column(offer, word, "--rows")
        beyond = set(values) - set(found.get(column, values))
        if beyond or not values:
            what = (
                f"the need doesn't ask for {column} = {', '.join(sorted(beyond))}"
                if beyond
                else f"{column} has no value"
            )
            raise UsageError(what, where="--rows", fix=f"name some of {', '.join(found.get(column, ('…',)))}")
        found[column] = tuple(sorted(set(values)))
    obstacle = offer.obstacle(Policy(need.dataset, offer.columns, found))
    if obstacle:
        raise UsageError(obstacle, where=need.id, fix="grant it by other rows with --rows, or refuse it")
    return found


def grant_of(state: SharingState, name: str) -> Grant:
    """A grant by its own id, or by its need's.

    Raises:
        UsageError: there is none.
    """
    grant_id = state.needs[name].grant if name in state.needs else name
    if grant_id not in state.grants:
        raise UsageError("there is no such grant", where=name, fix="`opendata grant list` has all of them")
    return state.grants[grant_id]


def renew(state: SharingState, name: str, by: str, valid_to: datetime.datetime, stamp: Stamp) -> SharingAct:
    """Let a grant run on; one that has expired holds again, one that was ended doesn't.

    Raises:
        UsageError: there is no such grant, it was ended, another took its place, or the day is no later one.
    """
    found = grant_of(state, name)
    _by_somebody(name, by)
    known_bureau(state, found.bureau)
    if found.ended_at is not None:
        fix = f"decide on the need anew: `opendata need decide {found.need} --grant --by NAME`"
        raise UsageError(f"{found.id} was ended: {found.ended_for}", where=name, fix=fix)
    other = state.grant_of(found.bureau, found.dataset, stamp.at)
    if other is not None and other.id != found.id:
        raise UsageError(f"{other.id} took its place", where=name, fix=f"renew {other.id}")
    if valid_to <= max(found.valid_to, stamp.at):
        what = f"it runs until {found.valid_to:%Y-%m-%d %H:%M} UTC"
        raise UsageError(what, where=name, fix="name a later day with --until")
    return stamp.act(GRANT_RENEWED, found.id, by=by.strip(), valid_to=valid_to.isoformat())


def revoke(state: SharingState, name: str, reason: str, stamp: Stamp) -> SharingAct:
    """End a grant at once.

    Raises:
        UsageError: there is no such grant, it is over already, or no reason is given.
    """
    if name.startswith(f"{_BY_RULE}."):
        fix = "change the entry's sharing, or remove the bureau"
        raise UsageError("by rule every registered bureau reads what is 无条件共享", where=name, fix=fix)
    found = grant_of(state, name)
    if not reason.strip():
        raise UsageError("a revocation needs a reason that the bureau can read", where=name, fix='add --reason "…"')
    if found.ended_at is not None or not found.is_good(stamp.at):
        said = found.ended_for or f"it expired on {found.valid_to:%Y-%m-%d}"
        raise UsageError(f"it is over already: {said}", where=name, fix="`opendata grant list` shows what holds")
    return stamp.act(GRANT_REVOKED, found.id, reason=reason.strip())
