"""The facts that ckanext-dcat (github.com/ckan) reads from extras and resources, so that its DCAT-AP 3 is whole."""

from __future__ import annotations

import json
from typing import Any

from pipelines.handover import Publication
from pipelines.targets.ckan.files import PublishedFile
from pipelines.targets.eu_vocabularies import (
    AUTHORITY,
    FREQUENCIES,
    MEDIA_TYPES,
    TABLE_SCHEMA,
    is_web_address,
    language_codes,
    licence_term,
)
from pipelines.targets.instant import first_and_last, release_instant
from resource_catalog.vocabulary import Openness

SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
#: All keys that `dataset_extras` may give.
KEYS = (
    "publisher_name", "publisher_url", "publisher_identifier", "contact_name", "contact_email", "theme", "frequency",
    "language", "identifier", "issued", "modified", "access_rights", "spatial_text", "spatial_uri", "temporal_start",
    "temporal_end", "conforms_to",
)  # fmt: skip


def _language(publication: Publication) -> str:
    codes = language_codes(publication.agency.language)
    return json.dumps([f"{AUTHORITY}/language/{code}" for code in codes]) if codes else ""


def _rights(publication: Publication) -> str:
    code = "PUBLIC" if publication.entry.openness.code is Openness.OPEN else "RESTRICTED"
    return f"{AUTHORITY}/access-right/{code}"


def _temporal(publication: Publication) -> dict[str, str]:
    period = publication.entry.period
    if period is None:
        return {}
    end = period.end.isoformat() if period.end else ""
    return {"temporal_start": period.start.isoformat(), "temporal_end": end}


def dataset_extras(publication: Publication) -> dict[str, str]:
    """The dataset's own facts; those that are not known are left out."""
    entry, agency = publication.entry, publication.agency
    issued, modified = first_and_last(publication)
    theme = agency.theme_uris.get(entry.theme, "")
    extras = {
        "publisher_name": entry.provider or agency.name,
        "publisher_url": agency.homepage if is_web_address(agency.homepage) else "",
        "publisher_identifier": entry.provider_code or ("" if entry.provider else agency.code),
        "contact_name": agency.contact.name or agency.name,
        "contact_email": agency.contact.email,
        "theme": json.dumps([theme]) if is_web_address(theme) else "",
        "frequency": f"{AUTHORITY}/frequency/{FREQUENCIES[entry.update_cycle.code]}",
        "language": _language(publication),
        "identifier": entry.code,
        "issued": issued,
        "modified": modified,
        "access_rights": _rights(publication),
        "spatial_text": agency.jurisdiction,
        "spatial_uri": agency.jurisdiction_uri if is_web_address(agency.jurisdiction_uri) else "",
        **_temporal(publication),
        "conforms_to": json.dumps([TABLE_SCHEMA]),
    }
    return {key: value for key, value in extras.items() if value}


def resource_facts(publication: Publication, file: PublishedFile, licence_url: str) -> dict[str, Any]:
    """A file's facts: hash, size, dates, language, licence, rights."""
    instant = release_instant(publication, int(file.release)) if file.release.isdigit() else ""
    facts = {
        "hash": file.sha256,
        "hash_algorithm": SHA256,
        "size": file.size,
        "issued": instant,
        "modified": instant,
        "language": _language(publication),
        "license": licence_term(licence_url) if is_web_address(licence_url) else "",
        "rights": _rights(publication),
        "conforms_to": json.dumps([TABLE_SCHEMA]) if file.role in ("csv", "datapackage") else "",
        "availability": f"{AUTHORITY}/planned-availability/STABLE",
    }
    return {key: value for key, value in facts.items() if value != ""}


def format_words(file: PublishedFile, *, speaks_dcat: bool, served: bool) -> dict[str, str]:
    """Format and media type: for people, or where the portal speaks DCAT as the EU's terms, which its shapes demand.

    Of a file that CKAN itself serves the media type is the header that it answers with, and so no term: there it is
    left to be told by the file's name.
    """
    if not speaks_dcat:
        return {"format": file.format, "mimetype": file.media_type}
    term = "" if served else f"{MEDIA_TYPES}/{file.media_type}"
    return {"format": f"{AUTHORITY}/file-type/{file.file_type}", "mimetype": term}
