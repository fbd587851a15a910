"""Contracts: what a bureau relies on in a dataset, which changes break it, and when an announced one may come."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.shares.acts import CHANGE_ANNOUNCED, CONTRACT_BROKEN, CONTRACT_ENDED, CONTRACT_REGISTERED, SharingAct
from pipelines.shares.bureaus import known_bureau
from pipelines.shares.offers import Offer, Offers
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import Contract, SharingState
from resource_catalog.errors import UsageError
from resource_catalog.sharing_policy import Policy


@dataclass(frozen=True)
class Break:
    """What of a contract a change breaks. One that `waits` is published only once it was announced.

    What takes something back from readers (a column that was closed, a grant that was narrowed or ended) never waits:
    it is told, and has its own act with its reason.
    """

    bureau: str
    dataset: str
    what: str
    waits: bool
    column: str = ""

    def __str__(self) -> str:
        return f"{self.bureau} relies on it: {self.what}"


def policy_for(state: SharingState, offer: Offer, bureau: str, at: datetime.datetime) -> Policy | None:
    """The policy under which a bureau reads a dataset at an instant; None where it may not."""
    if not state.registered(bureau):
        return None
    if offer.rule_policy is not None:
        return offer.rule_policy
    grant = state.grant_of(bureau, offer.entry.id, at)
    return offer.grant_policy(grant) if grant is not None else None


def _known_offer(offers: Offers, dataset: str) -> Offer:
    offer = offers.get(dataset)
    if offer is None or offer.schema is None:
        raise UsageError(
            "the catalogue has no such dataset with a schema", where=dataset, fix="look at `opendata plan`"
        )
    return offer


def _named(offer: Offer, words: Sequence[str], where: str) -> tuple[str, ...]:
    found = [offer.named(word) for word in words]
    for word, name in zip(words, found, strict=True):
        if name is None:
            fix = f"shared are {', '.join(offer.columns) or 'none'}"
            raise UsageError(f"{offer.entry.id} shares no column {word!r}", where=where, fix=fix)
    return tuple(name for name in offer.columns if name in found)


def register(
    state: SharingState,
    offers: Offers,
    bureau: str,
    dataset: str,
    columns: Sequence[str],
    keys: Sequence[str],
    stamp: Stamp,
) -> SharingAct:
    """Note what a bureau relies on in a dataset, in the place of what it relied on before.

    Raises:
        UsageError: there is no such bureau or dataset, the bureau doesn't read these columns, or the keys are not those
            by which the schema tells rows apart.
    """
    known_bureau(state, bureau)
    offer = _known_offer(offers, dataset)
    policy = policy_for(state, offer, bureau, stamp.at)
    if policy is None:
        fix = f"have its need confirmed first: `opendata need list --bureau {bureau}`"
        raise UsageError(f"{bureau} doesn't read {dataset}", where=dataset, fix=fix)
    named, key = _named(offer, columns, "--columns"), _named(offer, keys, "--keys")
    unread = [name for name in (*named, *key) if name not in policy.columns]
    if unread or not (named or key):
        what = f"{bureau} doesn't read {', '.join(unread)}" if unread else "a contract has one column at least"
        raise UsageError(what, where=dataset, fix=f"it reads {', '.join(policy.columns)}")
    schema = offer.schema
    if key and schema is not None and set(key) != set(schema.primary_key):
        has = ", ".join(schema.primary_key) or "no key"
        raise UsageError(
            f"rows of {dataset} are not told apart by {', '.join(key)}", where="--keys", fix=f"it has {has}"
        )
    relied = [name for name in offer.columns if name in (*named, *key)]
    types = {each.name: each.type for each in offer.fields if each.name in relied}
    return stamp.act(CONTRACT_REGISTERED, dataset, bureau=bureau, columns=types, keys=list(key))


def end(state: SharingState, bureau: str, dataset: str, stamp: Stamp) -> SharingAct:
    """End a contract.

    Raises:
        UsageError: there is none.
    """
    if (bureau, dataset) not in state.contracts:
        raise UsageError("there is no such contract", where=f"{bureau} {dataset}", fix="see `opendata contract list`")
    return stamp.act(CONTRACT_ENDED, dataset, bureau=bureau)


def announce(
    offers: Offers, dataset: str, what: str, on: datetime.date, first: datetime.date, stamp: Stamp
) -> SharingAct:
    """Announce a change of a dataset, in words that bureaus read, for a day that lies ahead.

    Args:
        offers: Of the catalogue.
        dataset: Its id.
        what: The change.
        on: The day from which on it may be published.
        first: The earliest day that leaves the agency's notice.
        stamp: When.

    Raises:
        UsageError: there is no such dataset, no text, or the day leaves less than the notice.
    """
    if offers.get(dataset) is None:
        raise UsageError("the catalogue has no such dataset", where=dataset, fix="look at `opendata plan`")
    if not what.strip():
        raise UsageError("an announcement says what is to change", where=dataset, fix='add --what "…"')
    if on < first:
        fix = f"name {first} or a later day (targets.sharing.notice_days in agency.yaml)"
        raise UsageError(f"{on} leaves bureaus too little notice", where="--on", fix=fix)
    return stamp.act(CHANGE_ANNOUNCED, dataset, what=what.strip(), on=on.isoformat())


def breaks(contract: Contract, offer: Offer | None, policy: Policy | None) -> tuple[Break, ...]:
    """What of a contract the catalogue of today breaks.

    Args:
        contract: What was relied on.
        offer: The dataset as it would be shared now; None where the catalogue has it no more.
        policy: Under which the bureau would read it; None where it may not.
    """
    if offer is None or offer.schema is None:
        what = f"{contract.dataset} is gone from the catalogue, or its schema can't be read"
        return (Break(contract.bureau, contract.dataset, what, waits=True),)
    return (*_broken_columns(contract, offer, policy), *_broken_keys(contract, offer))


def _broken_columns(contract: Contract, offer: Offer, policy: Policy | None) -> Iterator[Break]:
    fields = {each.name: each for each in offer.schema.fields} if offer.schema else {}
    for name, kind in contract.columns.items():
        what, waits = "", True
        if name not in fields:
            what = f"column gone: {name}"
        elif fields[name].type != kind:
            what = f"type of {name}: {kind} → {fields[name].type}"
        elif name not in offer.columns:
            what, waits = f"column closed: {name}", False
        elif policy is None or name not in policy.columns:
            what, waits = f"no longer granted: {name}", False
        if what:
            yield Break(contract.bureau, contract.dataset, what, waits, name)


def _broken_keys(contract: Contract, offer: Offer) -> Iterator[Break]:
    key = offer.schema.primary_key if offer.schema else ()
    if contract.keys and set(contract.keys) != set(key):
        what = f"key: {', '.join(contract.keys)} → {', '.join(key) or 'none'}"
        yield Break(contract.bureau, contract.dataset, what, waits=True)


def all_breaks(state: SharingState, offers: Offers, dataset: str, at: datetime.datetime) -> tuple[Break, ...]:
    """What of every bureau's contract on a dataset the catalogue of today breaks."""
    offer = offers.get(dataset)
    found: list[Break] = []
    for contract in state.contracts.values():
        if contract.dataset == dataset:
            policy = policy_for(state, offer, contract.bureau, at) if offer else None
            found += breaks(contract, offer, policy)
    return tuple(found)


def may_come(state: SharingState, broken: Break, today: datetime.date) -> bool:
    """Whether a break may be published: it waits for nothing, or its announced day has come.

    An announcement that is older than the contract announces nothing to it.
    """
    if not broken.waits:
        return True
    contract = state.contracts[broken.bureau, broken.dataset]
    return any(
        one.dataset == broken.dataset and one.announced_at >= contract.registered_at and one.effective_on <= today
        for one in state.announcements
    )


def next_day(state: SharingState, dataset: str, today: datetime.date) -> datetime.date | None:
    """The first day that lies ahead for which a change of a dataset is announced."""
    ahead = [one.effective_on for one in state.announcements if one.dataset == dataset and one.effective_on > today]
    return min(ahead, default=None)


def note_broken(state: SharingState, found: Sequence[Break], stamp: Stamp) -> tuple[SharingAct, ...]:
    """The acts that say, once breaks were published, what of each contract still binds."""
    by_contract: dict[tuple[str, str], list[Break]] = {}
    for one in found:
        by_contract.setdefault((one.bureau, one.dataset), []).append(one)
    acts = []
    for (bureau, dataset), mine in by_contract.items():
        contract, gone = state.contracts[bureau, dataset], {one.column for one in mine}
        left = {name: kind for name, kind in contract.columns.items() if name not in gone}
        keys = [] if "" in gone else list(contract.keys)
        said = [one.what for one in mine]
        acts.append(stamp.act(CONTRACT_BROKEN, dataset, bureau=bureau, columns=left, keys=keys, broken=said))
    return tuple(acts)
