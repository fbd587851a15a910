"""A sharing policy: which columns and which rows of a dataset a bureau may read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import SchemaField, TableSchema

#: The disclosure classes whose columns may be in a share.
SHARED = frozenset({"open", "share"})
#: Types whose values have one text, by which a condition can name them.
_NAMEABLE = frozenset({"string", "integer", "boolean", "date", "year", "yearmonth"})


def shared_columns(schema: TableSchema) -> tuple[str, ...]:
    """The columns that may be shared, in the schema's order: `open` and `share`, never `never`."""
    return tuple(one.name for one in schema.fields if one.disclosure in SHARED)


@dataclass(frozen=True)
class Policy:
    """Columns and conditions over one dataset; two policies that let the same be read are equal in `identity`.

    `conditions` has for a column the texts of its values whose rows may be read, `""` for a missing one; every
    condition must hold. No condition: all rows. The order of columns and values means nothing.
    """

    dataset: str
    columns: tuple[str, ...]
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def canonical(self) -> str:
        """The policy as JSON, the same text for the same permission."""
        document = {
            "dataset": self.dataset,
            "columns": sorted(set(self.columns)),
            "conditions": {name: sorted(set(values)) for name, values in self.conditions.items()},
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def identity(self) -> str:
        """SHA-256 of `canonical` in hex; bureaus of equal identity read one table."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def widens(self, other: Policy) -> bool:
        """Whether it lets all be read that another does, and more columns: rows by the same conditions."""
        mine, theirs = ({name: set(values) for name, values in policy.conditions.items()} for policy in (self, other))
        return self.dataset == other.dataset and mine == theirs and set(self.columns) > set(other.columns)


def unconditional(dataset: str, schema: TableSchema) -> Policy:
    """The policy of 无条件共享: all shared columns, all rows."""
    return Policy(dataset, shared_columns(schema))


def _condition_obstacle(one: SchemaField, values: tuple[str, ...]) -> tuple[str, str]:
    if one.disclosure not in SHARED:
        return f"the condition names {one.name}, which is not shared", "name a shared column"
    if one.mask is not None:
        return f"the condition names {one.name}, which is masked", "name a column without a mask"
    if one.type not in _NAMEABLE:
        return f"the condition names {one.name} of type {one.type}, whose values have no one text", "name another"
    if not values:
        return f"the condition on {one.name} has no value: no row would be shared", "name its values, or drop it"
    return "", ""


def check_policy(policy: Policy, schema: TableSchema, where: str) -> None:
    """Refuse a policy that the schema does not allow.

    Args:
        policy: What a bureau shall read.
        schema: The dataset's own schema, with every column.
        where: What the policy is of, for messages.

    Raises:
        WorkspaceError: it has no column, a column that is unknown or not shared, or a condition that can't be judged.
    """
    known = {one.name: one for one in schema.fields}
    if not policy.columns:
        raise WorkspaceError("the policy has no column", where=where, fix="name at least one")
    for name in (*policy.columns, *policy.conditions):
        if name not in known:
            raise WorkspaceError(f"the policy names {name!r}, which the schema lacks", where=where, fix="mend the name")
    hidden = [name for name in policy.columns if known[name].disclosure not in SHARED]
    if hidden:
        what = f"the policy has {', '.join(hidden)}, which the schema does not share"
        raise WorkspaceError(what, where=where, fix="leave it out, or set disclosure: share in the schema")
    for name, values in policy.conditions.items():
        what, fix = _condition_obstacle(known[name], values)
        if what:
            raise WorkspaceError(what, where=where, fix=fix)
