"""The release's `datapackage.json`: a Data Package that stock frictionless opens, with this project's own facts."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.formats.catalogue import FORMATS
from pipelines.formats.documents import held_back_facts, waiver_facts
from pipelines.handover import Comparison, ReferredKeys
from pipelines.releases import OWN
from resource_catalog.agency import Agency
from resource_catalog.deadlines import deadline_facts
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema

_LICENCE_NAME = re.compile(r"[-a-zA-Z0-9._]+")
#: Facts of one release and not of what it says; two releases that differ only in these are the same.
_VOLATILE_OWN = ("release", "previous", "changes", "rows", "source", "generator", "left_out", "schema_changes")
_VOLATILE_FILE = ("bytes", "hash")


def describe_schema(schema: TableSchema) -> dict[str, Any]:
    """A Table Schema as its JSON descriptor, without what is default."""
    descriptor: dict[str, Any] = schema.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return descriptor


def _licence(entry: Entry, agency: Agency) -> list[dict[str, str]]:
    title = entry.licence or agency.licence
    own = not entry.licence or entry.licence == agency.licence
    licence = {"title": title}
    if own and agency.licence_url:
        licence["path"] = agency.licence_url
    if _LICENCE_NAME.fullmatch(title):
        licence["name"] = title
    # The standard asks for a name or a path; a licence with neither stands in the facts of our own.
    return [licence] if len(licence) > 1 else []


@dataclass(frozen=True)
class FileFacts:
    """Size in bytes and SHA-256 in hex of one file of a release."""

    size: int
    sha256: str


def facts_of(file: Path) -> FileFacts:
    """Size and digest of a file."""
    with file.open("rb") as opened:
        return FileFacts(file.stat().st_size, hashlib.file_digest(opened, "sha256").hexdigest())


#: Path in the release → its facts; nothing where they are not known yet.
Files = Mapping[str, FileFacts]


def _stated(files: Files, path: str) -> dict[str, Any]:
    return {"bytes": files[path].size, "hash": f"sha256:{files[path].sha256}"} if path in files else {}


def _table(name: str, path: str, schema: TableSchema, files: Files) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        "profile": "tabular-data-resource",
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_stated(files, path),
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": describe_schema(schema),
    }


def keys_path(resource: str) -> str:
    """Where a release keeps the keys of another dataset that its foreign keys point to."""
    return f"data/{resource}.keys.csv"


def _resources(
    comparison: Comparison, references: Sequence[ReferredKeys], left_out: Mapping[str, str], files: Files
) -> list[dict[str, Any]]:
    dataset = comparison.checked.entry.id
    resources = [_table(dataset, f"data/{dataset}.csv", comparison.schema, files)]
    resources += [_table(keys.resource, keys_path(keys.resource), keys.schema, files) for keys in references]
    for form in FORMATS[1:]:
        if form.name not in left_out:
            path = f"data/{dataset}.{form.suffix}"
            # Type "file": stock frictionless then proves bytes and hash, and needs no extra to open the format.
            resources.append(
                {
                    "name": f"{dataset}-{form.name}",
                    "title": form.title,
                    "type": "file",
                    "path": path,
                    "format": form.suffix,
                    "mediatype": form.media_type,
                    **_stated(files, path),
                }
            )
    return resources


def _own_facts(comparison: Comparison, number: int, left_out: Mapping[str, str], agency: Agency) -> dict[str, Any]:
    checked, changes = comparison.checked, comparison.changes
    entry, origin = checked.entry, checked.extract.origin
    return {
        "release": number,
        "rows": checked.quality.rows,
        "previous": comparison.previous.digest if comparison.previous else None,
        "changes": {"added": changes.added, "removed": changes.removed, "changed": changes.changed},
        "schema_changes": list(comparison.schema_changes),
        "left_out": dict(left_out),
        "source": {"digest": origin.digest, "bytes": origin.size, "encoding": origin.encoding},
        "generator": f"opendata-pipeline {importlib.metadata.version('opendata-pipeline')}",
        "code": entry.code,
        "openness": entry.openness.written,
        "sharing": entry.sharing.written,
        "update_cycle": entry.update_cycle.written,
        # In words, as a reader has no agency.yaml; so other words are another release, as with the description.
        "deadline": deadline_facts(entry, agency),
        "theme": entry.theme,
        "owner": entry.owner,
        "licence": entry.licence or agency.licence,
        # Readers see both, so others of them are another release though every row is the same.
        **held_back_facts(checked.quality),
        **waiver_facts(checked.quality),
    }


def describe(
    comparison: Comparison,
    agency: Agency,
    references: Sequence[ReferredKeys],
    *,
    number: int,
    left_out: Mapping[str, str],
    files: Files,
) -> dict[str, Any]:
    """The descriptor of a release.

    Args:
        comparison: The table and its changes.
        agency: Who publishes.
        references: Keys of other datasets, each a resource of its own so that foreign keys can be checked.
        number: The release's number.
        left_out: Formats that the table can't have → why.
        files: Sizes and digests of the data files, to be stated; empty for what can be said before they are written.
    """
    entry = comparison.checked.entry
    publisher = {"title": entry.provider or agency.name, "role": "publisher"}
    if agency.homepage:
        publisher["path"] = agency.homepage
    optional: dict[str, Any] = {
        "title_en": entry.title_en,
        "description": entry.summary,
        "description_en": entry.summary_en,
        "licenses": _licence(entry, agency),
        "keywords": list(entry.keywords),
    }
    return {
        "profile": "data-package",
        "name": entry.id,
        "id": entry.code,
        "title": entry.title,
        "version": str(number),
        **{key: value for key, value in optional.items() if value},
        "contributors": [publisher],
        OWN: _own_facts(comparison, number, left_out, agency),
        "resources": _resources(comparison, references, left_out, files),
    }


def content_of(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """What a descriptor says, without what only tells one release from another."""
    content = {key: value for key, value in descriptor.items() if key != "version"}
    content[OWN] = {key: value for key, value in descriptor[OWN].items() if key not in _VOLATILE_OWN}
    content["resources"] = [
        {key: value for key, value in resource.items() if key not in _VOLATILE_FILE}
        for resource in descriptor["resources"]
        if resource["type"] == "table"
    ]
    return content
