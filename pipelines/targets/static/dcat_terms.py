"""The words of DCAT-AP 3: prefixes, and the small nodes made of the EU's controlled vocabularies."""

from __future__ import annotations

from typing import Any

from pipelines.targets.eu_vocabularies import AUTHORITY, TABLE_SCHEMA, is_web_address, language_codes, licence_term

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


def period(start: str, end: str) -> Node:
    """A time from its first to its last day, from ISO dates; "" where it goes on."""
    days = {"dcat:startDate": start, "dcat:endDate": end}
    return {
        "@type": "dct:PeriodOfTime",
        **{name: {"@value": day, "@type": "xsd:date"} for name, day in days.items() if day},
    }


def present(node: Node) -> Node:
    """The node without its empty properties."""
    return {key: value for key, value in node.items() if value not in ("", [], None)}


def licence_document(name: str, url: str) -> Node | None:
    """The licence; None where neither name nor address is known."""
    document = {"@type": "dct:LicenseDocument", "dct:title": name or url}
    if is_web_address(url):
        return {"@id": licence_term(url), **document}
    return document if name else None


def languages(*codes: str) -> list[Node]:
    """The languages that the EU's vocabulary knows, of the given tags."""
    return [authority("language", code, "dct:LinguisticSystem") for code in language_codes(*codes)]


def stable() -> Node:
    """The planned availability: an immutable release stays where it is."""
    return {**authority("planned-availability", "STABLE", "skos:Concept"), "skos:prefLabel": text("stable", "en")}


def table_schema_standard() -> Node:
    """The standard that the data follow."""
    return {"@id": TABLE_SCHEMA, "@type": "dct:Standard", "dct:title": "Table Schema"}
