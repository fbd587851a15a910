"""What ckanext-dcat (github.com/ckan) says in DCAT of a dataset, from its fields, for the points of its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.targets.ckan.package import Package, by_role
from quality.metadata_quality import DatasetFacts, DistributionFacts


def _distribution(resource: Mapping[str, Any], statuses: Mapping[str, int]) -> DistributionFacts:
    access, download = str(resource.get("access_url") or ""), str(resource.get("download_url") or "")
    return DistributionFacts(
        access_url=access,
        download_url=download,
        format=str(resource.get("format") or ""),
        media_type=str(resource.get("mimetype") or ""),
        licence=str(resource.get("license") or ""),
        rights=str(resource.get("rights") or ""),
        byte_size=resource.get("size") or None,
        access_status=statuses.get(access),
        download_status=statuses.get(download),
    )


def page_facts(page: Package, statuses: Mapping[str, int]) -> DatasetFacts:
    """What DCAT says of a dataset of ours and of our resources in it.

    Args:
        page: The dataset as anybody reads it.
        statuses: Address → what it answered, of those that were asked.
    """
    extras, data = page.extras, page.data
    return DatasetFacts(
        keywords=tuple(tag["name"] for tag in data.get("tags", [])),
        themes=tuple(json.loads(extras.get("theme", "[]"))),
        spatial=extras.get("spatial_text", ""),
        temporal=extras.get("temporal_start", ""),
        access_rights=extras.get("access_rights", ""),
        contact_point=extras.get("contact_name", ""),
        publisher=extras.get("publisher_name", ""),
        issued=extras.get("issued") or str(data.get("metadata_created") or ""),
        modified=extras.get("modified") or page.modified,
        distributions=tuple(_distribution(one, statuses) for one in page.resources if by_role(one)),
    )
