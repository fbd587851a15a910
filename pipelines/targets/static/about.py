"""`about.json`: what the portal holds of one dataset, for programs, for the search, and for the portal itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines.handover import Event, Form, Publication, Standing
from pipelines.targets.instant import first_and_last, iso_instant, release_instant
from pipelines.targets.release_files import data_files
from pipelines.targets.static.assets import asset_names
from pipelines.targets.static.dictionary import public_fields, public_schema
from resource_catalog.deadlines import deadline_facts

About = Mapping[str, Any]
ABOUT = "about.json"


def as_json(document: Any) -> bytes:
    """A document as this portal writes JSON: UTF-8, indented, ending in a line break."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def dataset_address(base_url: str, dataset: str) -> str:
    """The address of a dataset's page, which is its name in feeds and in DCAT too."""
    return f"{base_url}dataset/{dataset}/"


def licence_of(publication: Publication) -> tuple[str, str]:
    """Name and address of the dataset's licence; the address is known for the agency's own default only."""
    agency = publication.agency
    name = publication.entry.licence or agency.licence
    return name, agency.licence_url if name == agency.licence else ""


def _event(event: Event) -> dict[str, Any]:
    return {**asdict(event), "at": iso_instant(event.at)}


def _identity(publication: Publication, digest: str) -> dict[str, Any]:
    entry = publication.entry
    issued, modified = first_and_last(publication)
    return {
        "id": entry.id,
        "form": publication.form.value,
        "release": publication.release.number if publication.release else None,
        "digest": digest,
        "title": entry.title,
        "title_en": entry.title_en,
        "code": entry.code,
        "theme": entry.theme,
        "owner": entry.owner,
        "provider": entry.provider or publication.agency.name,
        "issued": issued,
        "modified": modified,
        "history": [_event(event) for event in publication.history],
        "assets": sorted(asset_names().values()),
    }


def _description(publication: Publication) -> dict[str, Any]:
    entry = publication.entry
    licence, licence_url = licence_of(publication)
    return {
        "summary": entry.summary,
        "summary_en": entry.summary_en,
        "keywords": list(entry.keywords),
        "openness": {"written": entry.openness.written, "code": entry.openness.code.value},
        "openness_condition": entry.openness_condition,
        "sharing": {"written": entry.sharing.written, "code": entry.sharing.code.value},
        "update_cycle": {"written": entry.update_cycle.written, "code": entry.update_cycle.code.value},
        "deadline": deadline_facts(entry, publication.agency),
        "opened": entry.opened.isoformat() if entry.opened else None,
        "catalogued": entry.issued.isoformat() if entry.issued else None,
        "licence": {"name": licence, "url": licence_url},
        "fields": [{"name": field.name, "title": field.title} for field in public_fields(public_schema(publication))],
    }


def _holdings(publication: Publication) -> dict[str, Any]:
    release = publication.release
    if release is None:
        return {"rows": None, "formats": [], "files": [], "releases": []}
    files = data_files(release)
    return {
        "rows": release.rows,
        "formats": [file.name for file in files],
        "files": [
            {
                "format": file.name,
                "media_type": file.media_type,
                "bytes": file.size,
                "sha256": file.sha256,
                "latest": f"latest/{file.path}",
                "immutable": f"{release.number}/{file.path}",
            }
            for file in files
        ],
        "releases": [
            {
                "number": kept.number,
                "digest": kept.digest,
                "rows": kept.rows,
                "issued": release_instant(publication, kept.number),
            }
            for kept in publication.kept
        ],
    }


def about(publication: Publication, digest: str) -> dict[str, Any]:
    """All that the portal says of a dataset; a tombstone keeps its name, its history and nothing of its content."""
    identity = _identity(publication, digest)
    if publication.form is Form.TOMBSTONE:
        return identity
    return {**identity, **_description(publication), **_holdings(publication)}


def read_about(folder: Path) -> dict[str, Any] | None:
    """The about of a dataset's folder as it lies there; None where there is none that can be read."""
    try:
        document = json.loads((folder / ABOUT).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    needed = {"id", "form", "release", "digest", "title"}
    return document if isinstance(document, dict) and needed <= document.keys() else None


def standing_of(document: About) -> Standing:
    """What an about says is shown."""
    withdrawals = sum(event["act"] == "withdrawn" for event in document.get("history", ()))
    form, release = Form(document["form"]), document["release"]
    return Standing(document["id"], form, release, document["digest"], withdrawals=withdrawals)
