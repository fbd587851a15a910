"""What ckanext-dcat serves of the datasets that we publish: by the shapes of DCAT-AP 3, and in MQA's points."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rdflib
import requests
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS, SH, SKOS
from rdflib.term import Node

from tests.ckan_office import CkanOffice
from tests.fault_proxy import FaultProxy
from tests.metadata_points import DcatPoints, dcat_points
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


@dataclass(frozen=True)
class Published:
    """The graphs of a dataset, of its releases, and of one on request, as the portal serves them; what we say of it."""

    graphs: dict[str, rdflib.Graph]
    points: dict[str, dict[str, Any]]
    verified: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def published(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Published:
    portal.set_back(plugins=("dcat",))
    root = tmp_path_factory.mktemp("dcat")
    with pytest.MonkeyPatch.context() as patch, FaultProxy(portal.url) as proxy:
        for name, value in (("OPENDATA_TODAY", TODAY), ("CKAN_URL", portal.url)):
            patch.setenv(name, value)
        patch.setenv("CKAN_TOKEN", portal.token("editor"))
        office = CkanOffice(make_port_office(root, ("ports", "wrecks")), portal, proxy, "dcat-", "auto")
        office.agency(**AGENCY)
        office.office.entry("ports", period={"start": "1901-05-01"})
        answer = office.run("publish")
        proofs = office.run("verify").document["proofs"]
    names = ("ports", "ports-releases", "wrecks")
    return Published(
        {name: _graph(f"{portal.url}/dataset/dcat-{name}.ttl") for name in names},
        {name: facts["targets"]["ckan"]["metadata"] for name, facts in answer.datasets.items()},
        {proof["dataset"]: proof["metadata"] for proof in proofs if proof["target"] == "ckan"},
    )


@pytest.fixture(scope="module")
def served(published: Published) -> dict[str, rdflib.Graph]:
    return published.graphs


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


def _status(address: str) -> int:
    return requests.get(address, timeout=60).status_code


def _counted(
    graph: rdflib.Graph, distributions: list[Node] | None = None, *, is_valid: bool | None = None
) -> DcatPoints:
    """The points by the graph and the portal's answers alone."""
    (dataset,) = [one for one in graph.subjects(RDF.type, DCAT.Dataset) if (one, DCAT.distribution, None) in graph]
    return dcat_points(graph, dataset, distributions, ask=_status, is_valid=is_valid)


@pytest.mark.parametrize("dataset", ["ports", "wrecks"])
def test_the_points_that_we_show_are_those_of_what_is_served(published: Published, dataset: str) -> None:
    counted, shown = _counted(published.graphs[dataset]), published.points[dataset]
    assert (shown["points"], shown["lost"]) == (counted.total, counted.lost)
    assert (shown["evaluated"], list(shown["not_evaluated"])) == (sum(counted.weights.values()), ["DCAT-AP"])
    assert published.verified[dataset] == shown


def test_a_dataset_with_all_its_formats_is_excellent(published: Published) -> None:
    """Parquet and XLSX are not in data.europa's lists of formats, nor JSON Lines in IANA's of media types."""
    graph = published.graphs["ports"]
    counted = _counted(graph, is_valid=not _results(graph, "dcat-ap-SHACL.ttl"))
    assert counted.total == 390.0
    assert set(counted.lost) == {
        "dct:format, dcat:mediaType from vocabulary",
        "dct:format non-proprietary",
        "dct:format machine-readable",
    }
    shown = published.points["ports"]
    assert (shown["points"], shown["evaluated"], shown["rating"]) == (360.0, 375, "excellent")


def test_by_its_best_distribution_it_has_all_points(served: dict[str, rdflib.Graph]) -> None:
    """As data.europa counts: of the same content in several formats the best."""
    csv = rdflib.URIRef("https://www.iana.org/assignments/media-types/text/csv")
    counted = _counted(served["ports"], list(served["ports"].subjects(DCAT.mediaType, csv)), is_valid=True)
    assert (counted.total, counted.lost) == (405.0, {})
