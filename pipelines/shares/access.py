"""Who may read which table: the grants and the rule of 无条件共享, as rows that the server asks at every request."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipelines.shares.offers import Offer, Offers
from pipelines.shares.state import Bureau, Grant, SharingState
from pipelines.shares.tables import SharedTable
from resource_catalog.sharing_policy import Policy


@dataclass(frozen=True)
class Access:
    """One bureau's access to one table; `table` is None where nothing is written yet that it may read."""

    id: str
    bureau: str
    table: str | None
    need: str
    purpose: str
    basis: str
    valid_from: datetime.datetime
    valid_to: datetime.datetime | None
    revoked_at: datetime.datetime | None
    history: bool


def accesses(state: SharingState, offers: Offers, tables: Iterable[SharedTable]) -> Iterator[Access]:
    """Every access that there is or was: by rule, of registered bureaus alone; by grant, ended ones included.

    Of what is 无条件共享 none is by grant, and of what is not, none by rule: so a bureau has one good access at most to
    a dataset. Of what is 不予共享, or that the catalogue has no more, none leads to a table.
    """
    served: dict[str, list[SharedTable]] = {}
    for one in tables:
        if one.is_served:
            served.setdefault(one.dataset, []).append(one)
    for offer in offers:
        policy = offer.rule_policy
        if policy is not None:
            table = _table(policy, served)
            for bureau in state.bureaus.values():
                if bureau.removed_at is None:
                    yield _by_rule(bureau, offer, table)
    for grant in state.grants.values():
        yield _by_grant(state, grant, offers.get(grant.dataset), served)


def _by_rule(bureau: Bureau, offer: Offer, table: str | None) -> Access:
    return Access(
        id=f"rule.{bureau.id}.{offer.entry.id}",
        bureau=bureau.id,
        table=table,
        need="",
        purpose="",
        basis=offer.entry.sharing.written,
        valid_from=bureau.added_at,
        valid_to=None,
        revoked_at=None,
        history=True,
    )


def _by_grant(
    state: SharingState, grant: Grant, offer: Offer | None, served: Mapping[str, list[SharedTable]]
) -> Access:
    policy = offer.grant_policy(grant) if offer is not None else None
    wish = state.needs[grant.need].wish
    return Access(
        id=grant.id,
        bureau=grant.bureau,
        table=_table(policy, served) if policy is not None else None,
        need=grant.need,
        purpose=wish.purpose,
        basis=wish.basis,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        revoked_at=grant.ended_at,
        history=grant.history,
    )


def _table(policy: Policy, served: Mapping[str, list[SharedTable]]) -> str | None:
    """The table of the policy; until that is written, one with the same rows and no column more, the widest of them.

    So a column that the schema gains takes no reader's table away before the next publication, and one that it closes
    takes the table that still has it away at once.
    """
    candidates = served.get(policy.dataset, [])
    exact = [table for table in candidates if table.policy == policy.identity]
    if exact:
        return exact[-1].id
    rows = {column: tuple(sorted(values)) for column, values in policy.conditions.items()}
    narrower = [table for table in candidates if _rows(table) == rows and _columns(table) <= set(policy.columns)]
    return max(narrower, key=lambda table: (len(table.columns), table.created_at)).id if narrower else None


def _rows(table: SharedTable) -> dict[str, tuple[str, ...]]:
    return {column: tuple(sorted(values)) for column, values in table.conditions.items()}


def _columns(table: SharedTable) -> set[str]:
    return {column["name"] for column in table.columns}
