"""Replaying: the state that the acts of sharing lead to."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipelines.shares import acts as kinds
from pipelines.shares.acts import SharingAct
from pipelines.shares.audit_log import AuditHead
from pipelines.shares.state import (
    DECLINED,
    GRANTED,
    REFUSED,
    REPLACED,
    Announcement,
    Bureau,
    Contract,
    Grant,
    Need,
    Notice,
    SharingState,
    Token,
    Wish,
)
from resource_catalog.errors import OutsideError


def replay(acts: Iterable[SharingAct]) -> SharingState:
    """The state after all acts, in their order.

    Raises:
        OutsideError: an act that this program doesn't know.
    """
    state = SharingState()
    for act in acts:
        apply(state, act)
    return state


def apply(state: SharingState, act: SharingAct) -> None:
    """Count one more act into a state, which it changes.

    Raises:
        OutsideError: an act that this program doesn't know.
    """
    step = _STEPS.get(act.act)
    if step is None:
        what = f"there is an act of sharing {act.act!r} in the ledger, which this program doesn't know"
        raise OutsideError(what, where=f"{act.subject}, {act.at}", fix="use the program that wrote it, or a later one")
    step(state, act)


def _instant(written: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(written)


def _conditions(written: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {column: tuple(values) for column, values in written.items()}


def _bureau_added(state: SharingState, act: SharingAct) -> None:
    state.bureaus[act.subject] = Bureau(act.subject, act.detail["title"], act.at)


def _bureau_removed(state: SharingState, act: SharingAct) -> None:
    """All that it had ends with it: who is registered again begins with nothing."""
    bureau = act.subject
    state.bureaus[bureau] = replace(state.bureaus[bureau], removed_at=act.at)
    for token in [token for token in state.tokens.values() if token.bureau == bureau and token.is_good(act.at)]:
        state.tokens[token.hash] = replace(token, revoked_at=act.at)
    for grant in [grant for grant in state.grants.values() if grant.bureau == bureau]:
        _end(state, grant.id, act.at, act.detail["reason"])
    for key in [key for key in state.contracts if key[0] == bureau]:
        del state.contracts[key]


def _end(state: SharingState, grant: str, at: datetime.datetime, reason: str) -> None:
    if state.grants[grant].ended_at is None:
        state.grants[grant] = replace(state.grants[grant], ended_at=at, ended_for=reason)


def _token_issued(state: SharingState, act: SharingAct) -> None:
    facts = act.detail
    token = Token(facts["token"], facts["prefix"], act.subject, act.at, _instant(facts["expires_at"]))
    state.tokens[token.hash] = token


def _token_ended(state: SharingState, act: SharingAct) -> None:
    """At once, or at the end of a rotation's overlap, which moves its expiry."""
    token, ends = state.tokens[act.detail["token"]], _instant(act.detail["ends_at"])
    if ends <= act.at:
        state.tokens[token.hash] = replace(token, revoked_at=act.at)
    else:
        state.tokens[token.hash] = replace(token, expires_at=min(token.expires_at, ends))


def _need_submitted(state: SharingState, act: SharingAct) -> None:
    """A new need, or another wish in one that is not decided yet."""
    facts = act.detail
    wish = Wish(
        columns=tuple(facts["columns"]),
        conditions=_conditions(facts["conditions"]),
        **{name: facts[name] for name in ("purpose", "basis", "mode", "frequency")},
    )
    received = datetime.date.fromisoformat(facts["received"])
    before = state.needs.get(act.subject)
    if before is not None and before.origin:
        _notice(state, before.origin, act, REPLACED, act.subject)
    need = Need(act.subject, facts["bureau"], facts["dataset"], wish, received, act.at, facts["origin"])
    state.needs[need.id] = need
    if need.origin:
        state.origins.add(need.origin)


def _notice(state: SharingState, origin: str, act: SharingAct, what: str, reason: str) -> None:
    facts = act.detail
    state.notices[origin] = Notice(origin, facts["bureau"], facts["dataset"], act.at, what, reason)


def _need_rejected(state: SharingState, act: SharingAct) -> None:
    state.origins.add(act.subject)
    _notice(state, act.subject, act, REFUSED, "; ".join(act.detail["faults"]))


def _need_decided(state: SharingState, act: SharingAct) -> None:
    facts, need = act.detail, state.needs[act.subject]
    for grant in facts["ends"]:
        _end(state, grant, act.at, f"{act.subject}: {facts['decision']}")
    given = facts["grant"]
    if given:
        state.grants[given["id"]] = Grant(
            id=given["id"],
            need=need.id,
            bureau=need.bureau,
            dataset=need.dataset,
            columns=tuple(given["columns"]),
            conditions=_conditions(given["conditions"]),
            valid_from=act.at,
            valid_to=_instant(given["valid_to"]),
            history=given["history"],
        )
    state.needs[need.id] = replace(
        need,
        state=REFUSED if facts["decision"] == DECLINED else GRANTED,
        decision=facts["decision"],
        reason=facts["reason"],
        by=facts["by"],
        decided_at=act.at,
        grant=given["id"] if given else "",
    )


def _grant_renewed(state: SharingState, act: SharingAct) -> None:
    state.grants[act.subject] = replace(state.grants[act.subject], valid_to=_instant(act.detail["valid_to"]))


def _grant_revoked(state: SharingState, act: SharingAct) -> None:
    _end(state, act.subject, act.at, act.detail["reason"])


def _contract_registered(state: SharingState, act: SharingAct) -> None:
    facts = act.detail
    contract = Contract(facts["bureau"], act.subject, dict(facts["columns"]), tuple(facts["keys"]), act.at)
    state.contracts[contract.bureau, contract.dataset] = contract


def _contract_ended(state: SharingState, act: SharingAct) -> None:
    state.contracts.pop((act.detail["bureau"], act.subject), None)


def _contract_broken(state: SharingState, act: SharingAct) -> None:
    """What was broken as announced is relied on no more; what is left still binds, and needs an announcement anew."""
    key = act.detail["bureau"], act.subject
    columns, keys = dict(act.detail["columns"]), tuple(act.detail["keys"])
    if columns:
        state.contracts[key] = replace(state.contracts[key], registered_at=act.at, columns=columns, keys=keys)
    else:
        state.contracts.pop(key, None)


def _change_announced(state: SharingState, act: SharingAct) -> None:
    day = datetime.date.fromisoformat(act.detail["on"])
    state.announcements.append(Announcement(act.subject, act.detail["what"], day, act.at))


def _audit_noted(state: SharingState, act: SharingAct) -> None:
    facts = act.detail["receipt"]
    state.audit_heads.append(AuditHead(facts["rows"], facts["hash"], act.at, json.dumps(act.detail)))


_STEPS: Mapping[str, Callable[[SharingState, SharingAct], None]] = {
    kinds.BUREAU_ADDED: _bureau_added,
    kinds.BUREAU_REMOVED: _bureau_removed,
    kinds.TOKEN_ISSUED: _token_issued,
    kinds.TOKEN_ENDED: _token_ended,
    kinds.NEED_SUBMITTED: _need_submitted,
    kinds.NEED_REJECTED: _need_rejected,
    kinds.NEED_DECIDED: _need_decided,
    kinds.GRANT_RENEWED: _grant_renewed,
    kinds.GRANT_REVOKED: _grant_revoked,
    kinds.CONTRACT_REGISTERED: _contract_registered,
    kinds.CONTRACT_ENDED: _contract_ended,
    kinds.CONTRACT_BROKEN: _contract_broken,
    kinds.CHANGE_ANNOUNCED: _change_announced,
    kinds.AUDIT_NOTED: _audit_noted,
}
