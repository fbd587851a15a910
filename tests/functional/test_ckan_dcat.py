"""What ckanext-dcat serves of the datasets that we publish, against the shapes of DCAT-AP 3."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import rdflib
import requests
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS, SH, SKOS

from tests.ckan_office import CkanOffice
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.workspace_factory import TODAY, make_port_office

INPUTS = Path(os.environ.get("OPENDATA_INPUTS", Path(__file__).parents[3] / "shared" / "inputs"))
VCARD = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
AUTHORITY = "http://publications.europa.eu/resource/authority"
#: What the vocabularies that DCAT-AP names say of the terms that stand in our datasets, and the datasets needn't.
CONCEPTS = (
    f"{AUTHORITY}/data-theme/ENVI",
    f"{AUTHORITY}/planned-availability/STABLE",
    "http://purl.org/adms/licencetype/UnknownIPR",
)
AGENCY = {
    "jurisdiction": "示例市",
    "jurisdiction_uri": "https://sws.geonames.org/1796236/",
    "homepage": "https://agency.example/",
    "contact": {"name": "信息中心", "email": "data@agency.example"},
    "theme_uris": {"海洋": f"{AUTHORITY}/data-theme/ENVI"},
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
}


@pytest.fixture(scope="module")
def served(empty_portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> dict[str, rdflib.Graph]:
    """The graphs of a dataset, of its releases, and of one on request, as the portal serves them."""
    empty_portal.configure(plugins=("dcat",))
    root = tmp_path_factory.mktemp("dcat")
    with pytest.MonkeyPatch.context() as patch, FaultProxy(empty_portal.url) as proxy:
        for name, value in (("OPENDATA_TODAY", TODAY), ("CKAN_URL", empty_portal.url)):
            patch.setenv(name, value)
        patch.setenv("CKAN_TOKEN", empty_portal.token("editor"))
        office = CkanOffice(make_port_office(root, ("ports", "wrecks")), empty_portal, proxy, "dcat-", "auto")
        office.agency(**AGENCY)
        office.run("publish")
    names = ("ports", "ports-releases", "wrecks")
    return {name: _graph(f"{empty_portal.url}/dataset/dcat-{name}.ttl") for name in names}


def _graph(address: str) -> rdflib.Graph:
    graph = rdflib.Graph().parse(data=requests.get(address, timeout=60).text, format="turtle")
    for term in CONCEPTS:
        graph.add((rdflib.URIRef(term), RDF.type, SKOS.Concept))
        graph.add((rdflib.URIRef(term), SKOS.prefLabel, rdflib.Literal("a term", lang="en")))
    graph.add((VCARD.Organization, RDFS.subClassOf, VCARD.Kind))
    return graph


def _results(graph: rdflib.Graph, shapes: str) -> list[str]:
    shape_graph = rdflib.Graph().parse(INPUTS / "dcat" / "shapes" / shapes, format="turtle")
    _, report, _ = validate(graph, shacl_graph=shape_graph, inference="none", advanced=True)
    found = report.subjects(RDF.type, SH.ValidationResult)
    return [f"{report.value(one, SH.resultPath)} {report.value(one, SH.value)}" for one in found]


@pytest.mark.parametrize("dataset", ["ports", "ports-releases", "wrecks"])
@pytest.mark.parametrize("shapes", ["dcat-ap-SHACL.ttl", "range.ttl", "deprecateduris.ttl"])
def test_the_shapes_have_nothing_to_report(served: dict[str, rdflib.Graph], dataset: str, shapes: str) -> None:
    assert _results(served[dataset], shapes) == []


def test_the_other_edition_differs_in_the_type_of_sizes_alone(served: dict[str, rdflib.Graph]) -> None:
    """`shapes.ttl` asks for xsd:decimal where `dcat-ap-SHACL.ttl` asks for xsd:nonNegativeInteger; one must lose."""
    found = _results(served["ports"], "shapes.ttl")
    assert found and all(fault.startswith(str(DCAT.byteSize)) for fault in found)


def test_the_shapes_see_a_fault(served: dict[str, rdflib.Graph]) -> None:
    spoilt = rdflib.Graph() + served["ports"]
    spoilt.remove((None, DCTERMS.title, None))
    assert _results(spoilt, "dcat-ap-SHACL.ttl") != []


def test_each_file_is_a_distribution_with_its_hash(served: dict[str, rdflib.Graph]) -> None:
    distributions = list(served["ports"].subjects(RDF.type, DCAT.Distribution))
    assert len(distributions) == 7
    for one in distributions:
        assert served["ports"].value(one, rdflib.URIRef("http://spdx.org/rdf/terms#checksum")) is not None
        assert served["ports"].value(one, DCAT.mediaType) is not None
