"""What a publication amounts to, as one digest: equal digests mean equal bytes, so nothing need be written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from pipelines.handover import Form, Publication
from pipelines.targets.instant import iso_instant
from pipelines.targets.static.assets import fingerprint
from resource_catalog.deadlines import deadline_facts

#: What of an entry and of an agency reaches no reader, and so moves no page.
PRIVATE_ENTRY = {"source", "suite", "channels"}
PUBLIC_AGENCY = {
    "id", "name", "name_en", "code", "language", "jurisdiction", "jurisdiction_uri", "homepage", "contact",
    "theme_uris", "licence", "licence_url", "how_to_apply",
}  # fmt: skip


def _history(publication: Publication) -> list[dict[str, Any]]:
    return [{**asdict(event), "at": iso_instant(event.at)} for event in publication.history]


def digest_of(publication: Publication, base_url: str) -> str:
    """The publication's digest, "sha256:…", from its metadata alone; no data file is read."""
    kept = () if publication.form is Form.TOMBSTONE else publication.kept
    document = {
        "base_url": base_url,
        "portal": fingerprint(),
        "entry": publication.entry.model_dump(mode="json", exclude=PRIVATE_ENTRY),
        "agency": publication.agency.model_dump(mode="json", include=PUBLIC_AGENCY),
        "deadline": deadline_facts(publication.entry, publication.agency),
        "schema": publication.schema.model_dump(mode="json", by_alias=True),
        "form": publication.form,
        "release": publication.release and publication.release.digest,
        "kept": [[release.number, release.digest] for release in kept],
        "history": _history(publication),
    }
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
