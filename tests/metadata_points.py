"""Counts MQA's points from a DCAT graph with rdflib, by itself: what our own count is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF
from rdflib.term import Node

AUTHORITY = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types/"
#: Of our own formats: those that data.europa's lists and IANA's register have.
_OPEN, _READABLE = {"CSV", "JSON"}, {"CSV", "JSON", "XLSX"}
_REGISTERED = {
    "text/csv",
    "application/json",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class DcatPoints:
    """Points by metric, named as our reports name it, and what each could give at most."""

    points: dict[str, Fraction]
    weights: dict[str, int]

    @property
    def total(self) -> float:
        """The points of all metrics that were counted."""
        return round(float(sum(self.points.values())), 2)

    @property
    def lost(self) -> dict[str, float]:
        """Metric → the points that are missing, where some are."""
        missing = {name: self.weights[name] - points for name, points in self.points.items()}
        return {name: round(float(points), 2) for name, points in missing.items() if points}


class _Count:
    def __init__(self, graph: rdflib.Graph) -> None:
        self.graph = graph
        self.counted = DcatPoints({}, {})

    def add(self, name: str, weight: int, verdicts: list[bool]) -> None:
        self.counted.points[name] = weight * Fraction(sum(verdicts), len(verdicts))
        self.counted.weights[name] = weight

    def has(self, subject: Node, predicate: rdflib.URIRef) -> bool:
        return (subject, predicate, None) in self.graph

    def value(self, subject: Node, predicate: rdflib.URIRef) -> str:
        return str(self.graph.value(subject, predicate) or "")


def _count_dataset(count: _Count, dataset: Node) -> None:
    for name, weight, predicate in (
        ("dcat:keyword", 30, DCAT.keyword),
        ("dcat:theme", 30, DCAT.theme),
        ("dct:spatial", 20, DCTERMS.spatial),
        ("dct:temporal", 20, DCTERMS.temporal),
        ("dct:accessRights", 10, DCTERMS.accessRights),
        ("dcat:contactPoint", 20, DCAT.contactPoint),
        ("dct:publisher", 10, DCTERMS.publisher),
        ("dct:issued", 5, DCTERMS.issued),
        ("dct:modified", 5, DCTERMS.modified),
    ):
        count.add(name, weight, [count.has(dataset, predicate)])
    known = count.value(dataset, DCTERMS.accessRights).startswith(f"{AUTHORITY}/access-right/")
    count.add("dct:accessRights from vocabulary", 5, [known])


def _count_distributions(count: _Count, distributions: list[Node]) -> None:
    for name, weight, predicate in (
        ("dcat:downloadURL", 20, DCAT.downloadURL),
        ("dct:format", 20, DCTERMS["format"]),
        ("dcat:mediaType", 10, DCAT.mediaType),
        ("dct:license", 20, DCTERMS.license),
        ("dct:rights", 5, DCTERMS.rights),
        ("dcat:byteSize", 5, DCAT.byteSize),
    ):
        count.add(name, weight, [count.has(one, predicate) for one in distributions])
    formats = [count.value(one, DCTERMS["format"]) for one in distributions]
    types = [count.value(one, DCAT.mediaType) for one in distributions]
    licences = [count.value(one, DCTERMS.license) for one in distributions]
    in_vocabulary = [one.startswith(f"{AUTHORITY}/file-type/") for one in formats]
    in_vocabulary += [one.removeprefix(_IANA) in _REGISTERED for one in types]
    count.add("dct:format, dcat:mediaType from vocabulary", 10, in_vocabulary)
    count.add("dct:format non-proprietary", 20, [one.rpartition("/")[2] in _OPEN for one in formats])
    count.add("dct:format machine-readable", 20, [one.rpartition("/")[2] in _READABLE for one in formats])
    count.add("dct:license from vocabulary", 10, [one.startswith(f"{AUTHORITY}/licence/") for one in licences])


def dcat_points(
    graph: rdflib.Graph,
    dataset: Node,
    distributions: list[Node] | None = None,
    *,
    ask: Callable[[str], int] | None = None,
    is_valid: bool | None = None,
) -> DcatPoints:
    """The points of one dataset.

    Args:
        graph: What is served of it.
        dataset: Its node.
        distributions: Those that count; all of them, where none are given.
        ask: What an address answers when it is followed to its end; without it no address counts.
        is_valid: Whether the shapes found nothing; None: it doesn't count.
    """
    count = _Count(graph)
    counted = list(graph.objects(dataset, DCAT.distribution)) if distributions is None else distributions
    assert all((one, RDF.type, DCAT.Distribution) in graph for one in counted)
    _count_dataset(count, dataset)
    _count_distributions(count, counted)
    if ask is not None:
        for name, weight, predicate in (("accessURL", 50, DCAT.accessURL), ("downloadURL", 30, DCAT.downloadURL)):
            answers = [ask(count.value(one, predicate)) == 200 for one in counted]
            count.add(f"dcat:{name} answers", weight, answers)
    if is_valid is not None:
        count.add("DCAT-AP", 30, [is_valid])
    return count.counted
