"""The words of DCAT-AP 3: prefixes, the EU's controlled vocabularies, and the small nodes made of them."""

from __future__ import annotations

import re
from typing import Any

from resource_catalog.vocabulary import UpdateCycle

Node = dict[str, Any]

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
AUTHORITY = "http://publications.europa.eu/resource/authority"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types"
TABLE_SCHEMA = "https://specs.frictionlessdata.io/table-schema/"

FREQUENCIES = {
    UpdateCycle.REALTIME: "UPDATE_CONT", UpdateCycle.DAILY: "DAILY", UpdateCycle.WEEKLY: "WEEKLY",
    UpdateCycle.MONTHLY: "MONTHLY", UpdateCycle.QUARTERLY: "QUARTERLY", UpdateCycle.HALF_YEARLY: "ANNUAL_2",
    UpdateCycle.YEARLY: "ANNUAL", UpdateCycle.IRREGULAR: "IRREG", UpdateCycle.NEVER: "NEVER",
}  # fmt: skip
LANGUAGES = {"zh": "ZHO", "en": "ENG", "fr": "FRA", "de": "DEU", "es": "SPA", "pt": "POR", "ja": "JPN", "ru": "RUS"}
#: The EU's file types; it has none for JSON Lines, whose nearest is JSON (the media type says which).
FILE_TYPES = {"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSON", "parquet": "PARQUET"}


def iri(address: str) -> Node:
    """A reference to an address."""
    return {"@id": address}


def resource(address: str) -> Node:
    """An address whose class is stated, since shapes are often checked without inference."""
    return {"@id": address, "@type": "rdfs:Resource"}


def authority(table: str, code: str, kind: str) -> Node:
    """A term of one of the EU's controlled vocabularies."""
    return {"@id": f"{AUTHORITY}/{table}/{code}", "@type": kind, "skos:inScheme": iri(f"{AUTHORITY}/{table}")}


def text(value: str, language: str) -> Node:
    """A text in a language."""
    return {"@value": value, "@language": language}


def texts(value: str, english: str, language: str) -> list[Node]:
    """A text, and its English where there is one."""
    return [text(value, language)] + ([text(english, "en")] if english and language != "en" else [])


def moment(instant: str) -> Node:
    """A moment in time, from RFC 3339."""
    return {"@value": instant, "@type": "xsd:dateTime"}


def is_web_address(address: str) -> bool:
    """Whether an address may become an IRI: http(s), and no character that RDF forbids there."""
    return re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) is not None


def present(node: Node) -> Node:
    """The node without its empty properties."""
    return {key: value for key, value in node.items() if value not in ("", [], None)}


def licence_document(name: str, url: str) -> Node | None:
    """The licence; None where neither name nor address is known."""
    document = {"@type": "dct:LicenseDocument", "dct:title": name or url}
    if is_web_address(url):
        return {"@id": url, **document}
    return document if name else None


def languages(*codes: str) -> list[Node]:
    """The languages that the EU's vocabulary knows, of the given tags."""
    known = dict.fromkeys(LANGUAGES[code] for code in (tag.split("-")[0] for tag in codes) if code in LANGUAGES)
    return [authority("language", code, "dct:LinguisticSystem") for code in known]


def stable() -> Node:
    """The planned availability: an immutable release stays where it is."""
    return {**authority("planned-availability", "STABLE", "skos:Concept"), "skos:prefLabel": text("stable", "en")}


def table_schema_standard() -> Node:
    """The standard that the data follow."""
    return {"@id": TABLE_SCHEMA, "@type": "dct:Standard", "dct:title": "Table Schema"}
