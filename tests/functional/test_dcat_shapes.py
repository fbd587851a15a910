"""The portal's DCAT against the DCAT-AP 3 shapes of SEMIC: nothing to report."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import rdflib
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SH

from pipelines.targets.static import StaticPortal
from tests.metadata_points import dcat_points
from tests.release_factory import ReleaseFactory, make_agency, make_entry, on_request_entry, publish, sample_rows

#: rdflib warns of its own JSON-LD parser.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

BASE = "https://data.agency.example/open/"
INPUTS = Path(os.environ.get("OPENDATA_INPUTS", Path(__file__).parents[3] / "shared" / "inputs"))


def shapes(name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(INPUTS / "dcat" / "shapes" / name, format="turtle")


def results(data: rdflib.Graph, name: str) -> list[str]:
    _, report, _ = validate(data, shacl_graph=shapes(name), inference="none", advanced=True)
    found = report.subjects(RDF.type, SH.ValidationResult)
    return [f"{report.value(r, SH.resultPath)} {report.value(r, SH.focusNode)}" for r in found]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal with two releases, an on-request notice, a withdrawn dataset, and one whose words are awkward."""
    home = tmp_path_factory.mktemp("home")
    portal, factory = StaticPortal(home / "portal", BASE), ReleaseFactory(home)
    permits = make_entry("permits")
    factory.release(permits, sample_rows(3))
    factory.release(permits, sample_rows(5))
    publish(portal, factory.publication(permits))
    bare = make_entry("bare", title_en="", summary="", summary_en="", keywords=[], theme="", licence='A "<licence>" \\')
    factory.release(bare, sample_rows(1), formats=("csv",))
    publish(portal, factory.publication(bare))
    publish(portal, factory.notice(on_request_entry("shareholders")))
    recalled = make_entry("recalled")
    factory.release(recalled, sample_rows(2))
    publish(portal, factory.publication(recalled))
    publish(portal, factory.tombstone(recalled, "含有个人信息"))
    portal.refresh(factory.agency)
    return home / "portal" / "catalog.jsonld"


def graph_of(path: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(data=path.read_text(encoding="utf-8"), format="json-ld", publicID=BASE)


@pytest.mark.parametrize("name", ["shapes.ttl", "range.ttl", "deprecateduris.ttl"])
def test_the_catalogue_meets_the_shapes(catalog: Path, name: str) -> None:
    assert results(graph_of(catalog), name) == []


def test_the_other_edition_differs_in_the_type_of_sizes_alone(catalog: Path) -> None:
    """`shapes.ttl` asks for xsd:decimal where `dcat-ap-SHACL.ttl` asks for xsd:nonNegativeInteger; one must lose."""
    found = results(graph_of(catalog), "dcat-ap-SHACL.ttl")
    assert found and all(fault.startswith(str(DCAT.byteSize)) for fault in found)


def test_the_shapes_see_a_fault(catalog: Path) -> None:
    document = json.loads(catalog.read_bytes())
    del document["@graph"][0]["dcat:dataset"][0]["dct:title"]
    spoilt = rdflib.Graph().parse(data=json.dumps(document), format="json-ld", publicID=BASE)
    assert results(spoilt, "shapes.ttl") != []


def test_it_lists_what_can_be_had_and_nothing_withdrawn(catalog: Path) -> None:
    listed = {str(dataset) for dataset in graph_of(catalog).objects(rdflib.URIRef(BASE), DCAT.dataset)}
    assert listed == {f"{BASE}dataset/{name}/" for name in ("permits", "bare", "shareholders")}


def test_it_says_who_answers_and_how_often(catalog: Path) -> None:
    graph = graph_of(catalog)
    for name in ("permits", "shareholders"):
        dataset = rdflib.URIRef(f"{BASE}dataset/{name}/")
        creator = graph.value(dataset, DCTERMS.creator)
        assert str(graph.value(creator, FOAF.name)) == "注册处"
        assert str(graph.value(dataset, DCTERMS.accrualPeriodicity)).endswith("/frequency/DAILY")


def test_an_on_request_dataset_has_no_download(catalog: Path) -> None:
    graph = graph_of(catalog)
    dataset = rdflib.URIRef(f"{BASE}dataset/shareholders/")
    rights = graph.value(dataset, rdflib.URIRef("http://purl.org/dc/terms/accessRights"))
    assert str(rights).endswith("/RESTRICTED")
    assert list(graph.objects(dataset, DCAT.distribution)) == []


def test_download_addresses_are_files_of_the_portal(catalog: Path) -> None:
    downloads = {str(address) for address in graph_of(catalog).objects(None, DCAT.downloadURL)}
    assert len(downloads) == 9
    assert all((catalog.parent / address.removeprefix(BASE)).is_file() for address in downloads)


def test_the_points_that_we_show_are_those_of_what_the_portal_says(tmp_path: Path) -> None:
    portal, factory = StaticPortal(tmp_path / "portal", BASE), ReleaseFactory(tmp_path)
    entry = make_entry("permits", period={"start": "2017-01-01", "end": "2017-12-31"})
    factory.release(entry, sample_rows(3))
    publication = factory.publication(entry)
    publish(portal, publication)
    portal.refresh(factory.agency)
    shown = portal.prove(publication).metadata
    assert shown is not None
    graph = graph_of(tmp_path / "portal" / "catalog.jsonld")
    counted = dcat_points(graph, rdflib.URIRef(f"{BASE}dataset/permits/"))
    assert (shown.points, shown.evaluated) == (counted.total, sum(counted.weights.values()))
    assert shown.document["lost"] == counted.lost
    assert "dct:temporal" not in counted.lost
    assert set(shown.document["not_evaluated"]) == {"dcat:accessURL answers", "dcat:downloadURL answers", "DCAT-AP"}


def test_a_bare_agency_meets_the_shapes(tmp_path: Path) -> None:
    agency = make_agency(
        name_en="", jurisdiction="", jurisdiction_uri="", homepage="javascript:alert(1)", contact={"email": "a b"},
        theme_uris={}, licence="", licence_url="", language="tlh",
    )  # fmt: skip
    portal, factory = StaticPortal(tmp_path / "portal", BASE), ReleaseFactory(tmp_path, agency)
    entry = make_entry("permits")
    factory.release(entry, sample_rows(1))
    publish(portal, factory.publication(entry))
    portal.refresh(agency)
    assert results(graph_of(tmp_path / "portal" / "catalog.jsonld"), "shapes.ttl") == []
