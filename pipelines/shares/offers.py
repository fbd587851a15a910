"""What other bureaus may have of each dataset: its kind of sharing, its shared columns, the policies that result."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.shares.state import Conditions, Grant, SharingState
from resource_catalog.catalog import Catalog
from resource_catalog.entry import Entry
from resource_catalog.errors import WorkspaceError
from resource_catalog.selection import channels_of
from resource_catalog.sharing_policy import SHARED, Policy, check_policy
from resource_catalog.table_schema import SchemaField, TableSchema
from resource_catalog.vocabulary import Sharing
from resource_catalog.workspace import table_schema


@dataclass(frozen=True)
class Offer:
    """One dataset as other bureaus may have it; without a schema that can be read, it has no columns."""

    entry: Entry
    schema: TableSchema | None = None

    @property
    def kind(self) -> Sharing:
        """How it is shared: by the entry's 共享类型, and not at all where its channels leave out sharing."""
        return self.entry.sharing.code if "sharing" in channels_of(self.entry) else Sharing.WITHHELD

    @property
    def fields(self) -> tuple[SchemaField, ...]:
        """The fields that a share may hold, in the schema's order; those of 不予共享 are none."""
        if self.schema is None or self.kind is Sharing.WITHHELD:
            return ()
        return tuple(each for each in self.schema.fields if each.disclosure in SHARED)

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(each.name for each in self.fields)

    def named(self, word: str) -> str | None:
        """The shared column of that name, or of that title where only one has it; None where there is none."""
        if word in self.columns:
            return word
        titled = [each.name for each in self.fields if each.title == word]
        return titled[0] if len(titled) == 1 else None

    def policy(self, columns: tuple[str, ...], conditions: Conditions) -> Policy | None:
        """The policy of these columns and rows as far as the schema of today shares them.

        A column that was closed since falls away; where one that chooses the rows was closed, or nothing is left, there
        is no policy: rows are never widened.
        """
        left = tuple(name for name in self.columns if name in columns)
        policy = Policy(self.entry.id, left, {name: tuple(sorted(conditions[name])) for name in sorted(conditions)})
        return policy if not self.obstacle(policy) else None

    def obstacle(self, policy: Policy) -> str:
        """Why the schema of today doesn't allow a policy; "" where it does."""
        if self.schema is None or self.kind is Sharing.WITHHELD:
            return "nothing of it is shared"
        try:
            check_policy(policy, self.schema, self.entry.id)
        except WorkspaceError as error:
            return error.what
        return ""

    @property
    def rule_policy(self) -> Policy | None:
        """The policy by which every registered bureau reads what is 无条件共享."""
        return self.policy(self.columns, {}) if self.kind is Sharing.UNCONDITIONAL else None

    def grant_policy(self, grant: Grant) -> Policy | None:
        """The policy that a grant comes to: only what is 有条件共享 is read by a grant."""
        return self.policy(grant.columns, grant.conditions) if self.kind is Sharing.CONDITIONAL else None


@dataclass(frozen=True)
class Offers:
    """The offers of a catalogue; each schema is read once, when it is first asked for."""

    catalog: Catalog
    _read: dict[str, Offer] = field(default_factory=dict)

    def get(self, dataset: str) -> Offer | None:
        """The offer of a dataset; None where the catalogue has no such entry that can be read."""
        if dataset not in self._read:
            entry = next((entry for entry in self.catalog.entries if entry.id == dataset), None)
            if entry is None:
                return None
            self._read[dataset] = Offer(entry, self._schema(entry))
        return self._read[dataset]

    def _schema(self, entry: Entry) -> TableSchema | None:
        try:
            return table_schema(self.catalog.workspace, entry)
        except WorkspaceError:  # plan and check tell of it; nothing of the dataset is shared meanwhile
            return None

    def __iter__(self) -> Iterator[Offer]:
        """All of them, in the order of ids."""
        for entry in self.catalog.entries:
            offer = self.get(entry.id)
            if offer is not None:
                yield offer


def described(fields: tuple[SchemaField, ...]) -> list[dict[str, Any]]:
    """Columns as the store describes them: name, title and type, and the standard and the unit where there is one."""
    return [
        {
            "name": each.name,
            "title": each.title,
            "type": each.type,
            **({"standard": each.standard} if each.standard else {}),
            **({"unit": each.unit} if each.unit else {}),
        }
        for each in fields
    ]


def policies_at(state: SharingState, offers: Offers, at: datetime.datetime) -> Callable[[str], tuple[Policy, ...]]:
    """The policies under which a dataset is to be shared at an instant, each once, in the order of their identities.

    无条件共享 has one of all shared columns, whether or not a bureau is registered; 有条件共享 those of the grants that
    hold; 不予共享 none.
    """

    def policies(dataset: str) -> tuple[Policy, ...]:
        offer = offers.get(dataset)
        if offer is None:
            return ()
        granted = [
            offer.grant_policy(each)
            for each in state.grants.values()
            if each.dataset == dataset and state.holds(each, at)
        ]
        found = {policy.identity: policy for policy in (offer.rule_policy, *granted) if policy is not None}
        return tuple(found[identity] for identity in sorted(found))

    return policies
