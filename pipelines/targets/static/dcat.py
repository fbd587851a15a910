"""The catalogue in DCAT-AP 3 as JSON-LD (semiceu.github.io/DCAT-AP/releases/3.0.0), from plain dicts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipelines.handover import Form, Publication, Release
from pipelines.targets.static.about import licence_of
from pipelines.targets.static.instant import first_and_last, release_instant
from pipelines.targets.static.release_files import DataFile, data_files
from resource_catalog.agency import Agency
from resource_catalog.vocabulary import Openness, UpdateCycle

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


def _iri(address: str) -> Node:
    return {"@id": address}


def _resource(address: str) -> Node:
    """An address whose class is stated, since shapes are often checked without inference."""
    return {"@id": address, "@type": "rdfs:Resource"}


def _authority(table: str, code: str, kind: str) -> Node:
    """A term of one of the EU's controlled vocabularies."""
    return {"@id": f"{AUTHORITY}/{table}/{code}", "@type": kind, "skos:inScheme": _iri(f"{AUTHORITY}/{table}")}


def _text(value: str, language: str) -> Node:
    return {"@value": value, "@language": language}


def _texts(value: str, english: str, language: str) -> list[Node]:
    return [_text(value, language)] + ([_text(english, "en")] if english and language != "en" else [])


def _moment(instant: str) -> Node:
    return {"@value": instant, "@type": "xsd:dateTime"}


def _web(address: str) -> bool:
    """Whether an address may become an IRI: http(s), and no character that RDF forbids there."""
    return re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) is not None


def _present(node: Node) -> Node:
    """The node without its empty properties."""
    return {key: value for key, value in node.items() if value not in ("", [], None)}


def publisher(agency: Agency, base_url: str) -> Node:
    """The agency as a foaf:Agent."""
    return _present(
        {
            "@id": f"{base_url}#publisher",
            "@type": "foaf:Agent",
            "foaf:name": _texts(agency.name, agency.name_en, agency.language),
            "dct:identifier": agency.code,
            "foaf:homepage": {"@id": agency.homepage, "@type": "foaf:Document"} if _web(agency.homepage) else None,
        }
    )


def contact(agency: Agency, base_url: str) -> Node:
    """Where the public asks, as a vcard:Organization."""
    given = agency.contact
    email = given.email if re.fullmatch(r"[^\s<>\"{}|\\^`]+@[^\s<>\"{}|\\^`]+", given.email) else ""
    return _present(
        {
            "@id": f"{base_url}#contact",
            "@type": ["vcard:Organization", "vcard:Kind"],
            "vcard:fn": given.name or agency.name,
            "vcard:hasEmail": _iri(f"mailto:{email}") if email else None,
            "vcard:hasTelephone": _iri("tel:" + re.sub(r"[^0-9+]", "", given.phone)) if given.phone else None,
            "vcard:hasURL": _iri(given.url) if _web(given.url) else None,
        }
    )


def _licence(name: str, url: str) -> Node | None:
    document = {"@type": "dct:LicenseDocument", "dct:title": name or url}
    if _web(url):
        return {"@id": url, **document}
    return document if name else None


def _languages(*codes: str) -> list[Node]:
    known = dict.fromkeys(LANGUAGES[code] for code in (tag.split("-")[0] for tag in codes) if code in LANGUAGES)
    return [_authority("language", code, "dct:LinguisticSystem") for code in known]


def _spatial(agency: Agency) -> Node | None:
    if not agency.jurisdiction and not agency.jurisdiction_uri:
        return None
    place = {"@type": "dct:Location"}
    if agency.jurisdiction:
        place["skos:prefLabel"] = _text(agency.jurisdiction, agency.language)  # type: ignore[assignment]
    return {"@id": agency.jurisdiction_uri, **place} if _web(agency.jurisdiction_uri) else place


def _theme(publication: Publication) -> list[Node]:
    uri = publication.agency.theme_uris.get(publication.entry.theme, "")
    if not _web(uri):
        return []
    label = _text(publication.entry.theme, publication.agency.language)
    return [{"@id": uri, "@type": "skos:Concept", "skos:prefLabel": label}]


def _rights(publication: Publication) -> Node:
    code = "PUBLIC" if publication.entry.openness.code is Openness.OPEN else "RESTRICTED"
    return _authority("access-right", code, "dct:RightsStatement")


def _distribution(publication: Publication, release: Release, file: DataFile, address: str) -> Node:
    issued = release_instant(publication, release.number)
    place = f"{address}{release.number}/{file.path}"
    file_type = FILE_TYPES.get(file.format)
    return _present(
        {
            "@id": f"{address}#{file.format}-{release.number}",
            "@type": "dcat:Distribution",
            "dct:title": f"{publication.entry.title} ({file.name})",
            "dct:description": _text(f"Release {release.number}, {release.rows} rows, as {file.name}.", "en"),
            "dcat:accessURL": _resource(address),
            "dcat:downloadURL": _resource(place),
            "dct:format": _authority("file-type", file_type, "dct:MediaTypeOrExtent") if file_type else None,
            "dcat:mediaType": {"@id": f"{MEDIA_TYPES}/{file.media_type}", "@type": "dct:MediaType"},
            "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:decimal"},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256", "@type": "spdx:ChecksumAlgorithm"},
                "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
            },
            "dcatap:availability": _stable(),
            "dct:conformsTo": _standard(),
            "dct:language": _languages(publication.agency.language),
            "dct:license": _licence(*licence_of(publication)),
            "dct:rights": _rights(publication),
            "dct:issued": _moment(issued) if issued else None,
            "dct:modified": _moment(issued) if issued else None,
        }
    )


def _stable() -> Node:
    """The planned availability: an immutable release stays where it is."""
    return {**_authority("planned-availability", "STABLE", "skos:Concept"), "skos:prefLabel": _text("stable", "en")}


def _standard() -> Node:
    return {"@id": TABLE_SCHEMA, "@type": "dct:Standard", "dct:title": "Table Schema"}


def _circumstances(publication: Publication, base_url: str) -> Node:
    """What a dataset and each of its versions have in common."""
    entry, agency = publication.entry, publication.agency
    return {
        "@type": "dcat:Dataset",
        "dct:description": _texts(entry.summary or entry.title, entry.summary_en, agency.language),
        "dcat:keyword": [_text(word, agency.language) for word in entry.keywords],
        "dcat:theme": _theme(publication),
        "dct:publisher": publisher(agency, base_url),
        "dcat:contactPoint": contact(agency, base_url),
        "dct:accessRights": _rights(publication),
        "dct:language": _languages(agency.language),
        "dct:spatial": _spatial(agency),
        "dct:conformsTo": _standard(),
    }


def _version(publication: Publication, release: Release, base_url: str) -> Node:
    """An immutable release as a dataset of its own; the shown one's files are described once, with the dataset."""
    address = dataset_address(base_url, publication.dataset)
    issued = release_instant(publication, release.number)
    described = [_distribution(publication, release, file, address) for file in data_files(release)]
    shown = release == publication.release
    title = f"{publication.entry.title} ({release.number})"
    return _present(
        {
            "@id": f"{address}{release.number}/",
            **_circumstances(publication, base_url),
            "dct:title": _text(title, publication.agency.language),
            "dcat:version": str(release.number),
            "dct:issued": _moment(issued) if issued else None,
            "dcat:distribution": [_iri(node["@id"]) for node in described] if shown else described,
        }
    )


def dataset_address(base_url: str, dataset: str) -> str:
    """The address of a dataset's page, which is its name in DCAT too."""
    return f"{base_url}dataset/{dataset}/"


def dataset_node(publication: Publication, base_url: str) -> Node:
    """The dataset with its latest distributions and its immutable versions."""
    entry, release = publication.entry, publication.release
    address = dataset_address(base_url, entry.id)
    issued, modified = first_and_last(publication)
    files = data_files(release) if release else ()
    return _present(
        {
            "@id": address,
            **_circumstances(publication, base_url),
            "dct:identifier": entry.code,
            "dct:title": _texts(entry.title, entry.title_en, publication.agency.language),
            "dct:accrualPeriodicity": _authority("frequency", FREQUENCIES[entry.update_cycle.code], "dct:Frequency"),
            "dcat:landingPage": {"@id": address, "@type": "foaf:Document"},
            "dct:issued": _moment(issued) if issued else None,
            "dct:modified": _moment(modified) if modified else None,
            "dcat:version": str(release.number) if release else None,
            "dcat:distribution": [_distribution(publication, release, file, address) for file in files if release],
            "dcat:hasVersion": [_version(publication, kept, base_url) for kept in publication.kept],
        }
    )


def dataset_document(publication: Publication, base_url: str) -> Node | None:
    """The dataset's own `dcat.jsonld`; None for a tombstone, which no catalogue lists."""
    if publication.form is Form.TOMBSTONE:
        return None
    return {"@context": CONTEXT, "@graph": [dataset_node(publication, base_url)]}


def _taxonomy(agency: Agency) -> Node | None:
    scheme = f"{AUTHORITY}/data-theme"
    if not any(uri.startswith(f"{scheme}/") for uri in agency.theme_uris.values()):
        return None
    return {"@id": scheme, "@type": "skos:ConceptScheme", "dct:title": _text("Data theme", "en")}


def catalog_document(agency: Agency, base_url: str, documents: Iterable[Node], moments: tuple[str, str]) -> Node:
    """The portal's `catalog.jsonld` from the documents of its datasets.

    Args:
        agency: Whose catalogue it is.
        base_url: Address of the portal.
        documents: The datasets' own documents.
        moments: When the first dataset was published and when the last one changed; "" where there is none.
    """
    issued, modified = moments
    datasets = [node for document in documents for node in document["@graph"]]
    catalog = _present(
        {
            "@id": base_url,
            "@type": "dcat:Catalog",
            "dct:title": _texts(
                f"{agency.name} 数据开放", f"{agency.name_en} open data" if agency.name_en else "", "zh"
            ),
            "dct:description": _texts(
                f"{agency.name}向社会开放的数据资源目录。",
                f"Data resources that {agency.name_en or agency.name} opens to the public.",
                "zh",
            ),
            "dct:publisher": publisher(agency, base_url),
            "dcat:contactPoint": contact(agency, base_url),
            "dct:license": _licence(agency.licence, agency.licence_url),
            "dct:language": _languages(agency.language, "en"),
            "dct:spatial": _spatial(agency),
            "foaf:homepage": {"@id": f"{base_url}index.html", "@type": "foaf:Document"},
            "dcat:themeTaxonomy": _taxonomy(agency),
            "dct:issued": _moment(issued) if issued else None,
            "dct:modified": _moment(modified) if modified else None,
            "dcat:dataset": datasets,
        }
    )
    return {"@context": CONTEXT, "@graph": [catalog]}
