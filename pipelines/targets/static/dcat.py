"""The catalogue in DCAT-AP 3 as JSON-LD (semiceu.github.io/DCAT-AP/releases/3.0.0), from plain dicts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipelines.handover import Form, Publication, Release
from pipelines.targets.eu_vocabularies import AUTHORITY, FILE_TYPES, FREQUENCIES, MEDIA_TYPES, is_web_address
from pipelines.targets.instant import first_and_last, release_instant
from pipelines.targets.release_files import DataFile, data_files
from pipelines.targets.static.about import dataset_address, licence_of
from pipelines.targets.static.dcat_terms import (
    CONTEXT,
    Node,
    authority,
    iri,
    languages,
    licence_document,
    moment,
    period,
    present,
    resource,
    stable,
    table_schema_standard,
    text,
    texts,
)
from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.vocabulary import Openness


def publisher(agency: Agency, base_url: str) -> Node:
    """The agency as a foaf:Agent."""
    homepage = {"@id": agency.homepage, "@type": "foaf:Document"} if is_web_address(agency.homepage) else None
    return present(
        {
            "@id": f"{base_url}#publisher",
            "@type": "foaf:Agent",
            "foaf:name": texts(agency.name, agency.name_en, agency.language),
            "dct:identifier": agency.code,
            "foaf:homepage": homepage,
        }
    )


def contact(agency: Agency, base_url: str) -> Node:
    """Where the public asks, as a vcard:Organization."""
    given = agency.contact
    email = given.email if re.fullmatch(r"[^\s<>\"{}|\\^`]+@[^\s<>\"{}|\\^`]+", given.email) else ""
    return present(
        {
            "@id": f"{base_url}#contact",
            "@type": ["vcard:Organization", "vcard:Kind"],
            "vcard:fn": given.name or agency.name,
            "vcard:hasEmail": iri(f"mailto:{email}") if email else None,
            "vcard:hasTelephone": iri("tel:" + re.sub(r"[^0-9+]", "", given.phone)) if given.phone else None,
            "vcard:hasURL": iri(given.url) if is_web_address(given.url) else None,
        }
    )


def _spatial(agency: Agency) -> Node | None:
    if not agency.jurisdiction and not agency.jurisdiction_uri:
        return None
    place = {"@type": "dct:Location"}
    if agency.jurisdiction:
        place["skos:prefLabel"] = text(agency.jurisdiction, agency.language)  # type: ignore[assignment]
    return {"@id": agency.jurisdiction_uri, **place} if is_web_address(agency.jurisdiction_uri) else place


def _temporal(entry: Entry) -> Node | None:
    if entry.period is None:
        return None
    return period(entry.period.start.isoformat(), entry.period.end.isoformat() if entry.period.end else "")


def _theme(publication: Publication) -> list[Node]:
    uri = publication.agency.theme_uris.get(publication.entry.theme, "")
    if not is_web_address(uri):
        return []
    label = text(publication.entry.theme, publication.agency.language)
    return [{"@id": uri, "@type": "skos:Concept", "skos:prefLabel": label}]


def _rights(publication: Publication) -> Node:
    code = "PUBLIC" if publication.entry.openness.code is Openness.OPEN else "RESTRICTED"
    return authority("access-right", code, "dct:RightsStatement")


def _distribution(publication: Publication, release: Release, file: DataFile, address: str) -> Node:
    issued = release_instant(publication, release.number)
    place = f"{address}{release.number}/{file.path}"
    file_type = FILE_TYPES.get(file.format)
    return present(
        {
            "@id": f"{address}#{file.format}-{release.number}",
            "@type": "dcat:Distribution",
            "dct:title": f"{publication.entry.title} ({file.name})",
            "dct:description": text(f"Release {release.number}, {release.rows} rows, as {file.name}.", "en"),
            "dcat:accessURL": resource(address),
            "dcat:downloadURL": resource(place),
            "dct:format": authority("file-type", file_type, "dct:MediaTypeOrExtent") if file_type else None,
            "dcat:mediaType": {"@id": f"{MEDIA_TYPES}/{file.media_type}", "@type": "dct:MediaType"},
            "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:decimal"},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256", "@type": "spdx:ChecksumAlgorithm"},
                "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
            },
            "dcatap:availability": stable(),
            "dct:conformsTo": table_schema_standard(),
            "dct:language": languages(publication.agency.language),
            "dct:license": licence_document(*licence_of(publication)),
            "dct:rights": _rights(publication),
            "dct:issued": moment(issued) if issued else None,
            "dct:modified": moment(issued) if issued else None,
        }
    )


def _circumstances(publication: Publication, base_url: str) -> Node:
    """What a dataset and each of its versions have in common."""
    entry, agency = publication.entry, publication.agency
    return {
        "@type": "dcat:Dataset",
        "dct:description": texts(entry.summary or entry.title, entry.summary_en, agency.language),
        "dcat:keyword": [text(word, agency.language) for word in entry.keywords],
        "dcat:theme": _theme(publication),
        "dct:publisher": publisher(agency, base_url),
        "dcat:contactPoint": contact(agency, base_url),
        "dct:accessRights": _rights(publication),
        "dct:language": languages(agency.language),
        "dct:spatial": _spatial(agency),
        "dct:temporal": _temporal(entry),
        "dct:conformsTo": table_schema_standard(),
    }


def _version(publication: Publication, release: Release, base_url: str) -> Node:
    """An immutable release as a dataset of its own; the shown one's files are described once, with the dataset."""
    address = dataset_address(base_url, publication.dataset)
    issued = release_instant(publication, release.number)
    described = [_distribution(publication, release, file, address) for file in data_files(release)]
    shown = release == publication.release
    title = f"{publication.entry.title} ({release.number})"
    return present(
        {
            "@id": f"{address}{release.number}/",
            **_circumstances(publication, base_url),
            "dct:title": text(title, publication.agency.language),
            "dcat:version": str(release.number),
            "dct:issued": moment(issued) if issued else None,
            "dcat:distribution": [iri(node["@id"]) for node in described] if shown else described,
        }
    )


def dataset_node(publication: Publication, base_url: str) -> Node:
    """The dataset with its latest distributions and its immutable versions."""
    entry, release = publication.entry, publication.release
    address = dataset_address(base_url, entry.id)
    issued, modified = first_and_last(publication)
    files = data_files(release) if release else ()
    return present(
        {
            "@id": address,
            **_circumstances(publication, base_url),
            "dct:identifier": entry.code,
            "dct:title": texts(entry.title, entry.title_en, publication.agency.language),
            "dct:creator": {"@type": "foaf:Agent", "foaf:name": text(entry.owner, publication.agency.language)},
            "dct:accrualPeriodicity": authority("frequency", FREQUENCIES[entry.update_cycle.code], "dct:Frequency"),
            "dcat:landingPage": {"@id": address, "@type": "foaf:Document"},
            "dct:issued": moment(issued) if issued else None,
            "dct:modified": moment(modified) if modified else None,
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
    return {"@id": scheme, "@type": "skos:ConceptScheme", "dct:title": text("Data theme", "en")}


def _described_once(value: Any, seen: dict[str, Any]) -> Any:
    """The same graph, in which a node that came before with equal words is only named: a catalogue repeats itself."""
    if isinstance(value, list):
        return [_described_once(item, seen) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("@id")
    if name is not None and seen.setdefault(name, value) is not value and seen[name] == value:
        return {"@id": name}
    return {key: _described_once(item, seen) for key, item in value.items()}


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
    catalog = present(
        {
            "@id": base_url,
            "@type": "dcat:Catalog",
            "dct:title": texts(
                f"{agency.name} 数据开放", f"{agency.name_en} open data" if agency.name_en else "", "zh"
            ),
            "dct:description": texts(
                f"{agency.name}向社会开放的数据资源目录。",
                f"Data resources that {agency.name_en or agency.name} opens to the public.",
                "zh",
            ),
            "dct:publisher": publisher(agency, base_url),
            "dcat:contactPoint": contact(agency, base_url),
            "dct:license": licence_document(agency.licence, agency.licence_url),
            "dct:language": languages(agency.language, "en"),
            "dct:spatial": _spatial(agency),
            "foaf:homepage": {"@id": f"{base_url}index.html", "@type": "foaf:Document"},
            "dcat:themeTaxonomy": _taxonomy(agency),
            "dct:issued": moment(issued) if issued else None,
            "dct:modified": moment(modified) if modified else None,
            "dcat:dataset": datasets,
        }
    )
    return {"@context": CONTEXT, "@graph": [_described_once(catalog, {})]}
