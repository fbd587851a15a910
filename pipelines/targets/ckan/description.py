"""What a CKAN dataset shall say: fields, tags, groups, extras and resources, as plain values that can be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Extras by which we know our datasets, and say what they show (reliability.md (e) 7).
PUBLISHER_KEY, STATE, RELEASE, DIGEST, OWNED = (
    "publisher_key", "release_state", "release", "publication_digest", "owned_digest",
)  # fmt: skip
#: Extra with the identity of the ledger's act that is shown: whoever's ledger lacks it may not write over it.
ACT = "release_act"
#: Extra with the resources' ids by role, so that a role that was absent comes back at its old address.
STABLE_IDS = "release_resources"
#: Extra with what was recalled, so that its absence can be proved at any later time.
RECALLED = "release_recalled"
#: Extra of the releases' dataset: what was last written to the main one, by its digest, for a three-way comparison.
WRITTEN = "release_written"
#: Extra of the releases' dataset: the id of the main one, which someone may rename, delete, or put another in place of.
PAGE = "release_page"
#: Extra that is changed for nothing but to have the portal tell its search of the dataset again.
RETOLD = "release_retold"
#: Resource extras: which part of a publication it is, of which release; for the table what it is made of.
ROLE, RESOURCE_RELEASE = "release_role", "release"
TABLE_SHAPE, TABLE_LABELS, TABLE_ROWS = "table_shape", "table_labels", "table_rows"

MARKER = (PUBLISHER_KEY, STATE, RELEASE, DIGEST, OWNED, ACT, STABLE_IDS, RECALLED, WRITTEN, PAGE, RETOLD)
#: The fields of a dataset and of a resource that are ours; all others belong to whoever filled them.
FIELDS = ("title", "notes", "license_id", "version", "private")
RESOURCE_FIELDS = (
    "name", "description", "format", "mimetype", "hash", "hash_algorithm", "size", "issued", "modified", "language",
    "license", "rights", "conforms_to", "availability", "access_url", "download_url", RESOURCE_RELEASE, ROLE,
    TABLE_SHAPE, TABLE_LABELS, TABLE_ROWS,
)  # fmt: skip


@dataclass(frozen=True)
class Description:
    """One dataset as it shall be.

    `extras` are those that readers see; the marker is added at the switch. `resources` are by key: of the main dataset
    the role, of the releases' dataset "<release>/<role>"; they lack what only the portal can say: ids and addresses.
    """

    fields: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """All of it as JSON, for a digest."""
        return {
            "fields": dict(self.fields),
            "tags": list(self.tags),
            "groups": list(self.groups),
            "extras": dict(self.extras),
            "resources": {key: dict(resource) for key, resource in self.resources.items()},
        }


def digest_of(document: Any) -> str:
    """The digest of a JSON document, "sha256:…"."""
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def as_text(value: Any) -> str:
    """A value as it compares: CKAN gives None for what was never filled, and numbers for some texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
