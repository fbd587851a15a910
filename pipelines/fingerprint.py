"""The fingerprint of all that a release is made of: where it is equal, extracting again could only give the same."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from pathlib import Path

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry


def inputs_of(entry: Entry, agency: Agency, schema_file: Path, sources: Sequence[str]) -> str:
    """The digest, "sha256:…", over entry, agency, schema, program version and sources; "" if a source has no digest.

    `sources` are the digests of the entry's own source and of those of the tables that it refers to.
    """
    if not all(sources):
        return ""
    document = {
        "entry": entry.model_dump(mode="json"),
        "agency": agency.model_dump(mode="json"),
        "schema": hashlib.sha256(schema_file.read_bytes()).hexdigest(),
        "sources": list(sources),
        "program": importlib.metadata.version("opendata-pipeline"),
    }
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
