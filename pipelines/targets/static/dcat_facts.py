"""What the portal's own DCAT says of a dataset, for the points of its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.targets.static.dcat_terms import Node
from quality.metadata_quality import DatasetFacts, DistributionFacts


def _said(value: Any) -> str:
    """An address, a text, or a node without either, such as a place that has only a name; "" where there is nothing."""
    if isinstance(value, Mapping):
        return str(value.get("@id") or value.get("@value") or "a node")
    return str(value or "")


def _distribution(node: Node) -> DistributionFacts:
    return DistributionFacts(
        access_url=_said(node.get("dcat:accessURL")),
        download_url=_said(node.get("dcat:downloadURL")),
        format=_said(node.get("dct:format")),
        media_type=_said(node.get("dcat:mediaType")),
        licence=_said(node.get("dct:license")),
        rights=_said(node.get("dct:rights")),
        byte_size=int(_said(node["dcat:byteSize"])) if "dcat:byteSize" in node else None,
    )


def node_facts(node: Node) -> DatasetFacts:
    """What the node of a dataset says; how its addresses answer is left open, since the portal is a folder of files."""
    return DatasetFacts(
        keywords=tuple(_said(word) for word in node.get("dcat:keyword", [])),
        themes=tuple(_said(theme) for theme in node.get("dcat:theme", [])),
        spatial=_said(node.get("dct:spatial")),
        temporal=_said(node.get("dct:temporal")),
        access_rights=_said(node.get("dct:accessRights")),
        contact_point=_said(node.get("dcat:contactPoint")),
        publisher=_said(node.get("dct:publisher")),
        issued=_said(node.get("dct:issued")),
        modified=_said(node.get("dct:modified")),
        distributions=tuple(_distribution(one) for one in node.get("dcat:distribution", [])),
    )
