"""The points that MQA gives the catalogue's metadata, as the static portal would publish them, and who mends the rest.

They are counted on the DCAT that a first release of each entry would have, so that they need no release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.commands.run import Run
from pipelines.formats.catalogue import FORMATS
from pipelines.handover import Changes, Event, Form, Publication, Release
from pipelines.targets.static.dcat import dataset_node
from pipelines.targets.static.dcat_facts import node_facts
from quality.metadata_quality import TOTAL, DatasetFacts, MetadataScore, score_metadata
from resource_catalog import fault_rules as rules
from resource_catalog.catalog_values import CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema
from resource_catalog.vocabulary import Openness

#: No columns: what DCAT says of a dataset doesn't tell them.
_NO_COLUMNS = TableSchema.model_construct(fields=())


def _planned(run: Run, entry: Entry) -> Publication:
    """The publication that a first release of the entry would be, on the day of the run."""
    if entry.openness.code is Openness.ON_REQUEST:
        return Publication(entry, run.agency, _NO_COLUMNS, Form.NOTICE)
    resources: list[dict[str, Any]] = [
        {
            "name": entry.id,
            "path": f"data/{entry.id}.{each.suffix}",
            "format": each.name,
            "mediatype": each.media_type,
            "bytes": 0,
        }
        for each in FORMATS
    ]
    release = Release(entry.id, 1, Path(entry.id), "", {"resources": resources}, 0, Changes())
    history = (Event("published", 1, run.at),)
    return Publication(entry, run.agency, _NO_COLUMNS, Form.RELEASE, release, (release,), history)


def _facts(run: Run, entry: Entry) -> DatasetFacts:
    return node_facts(dataset_node(_planned(run, entry), run.agency.targets.static.base_url))


def _themeless(run: Run, entry: Entry) -> CatalogFault | None:
    if entry.theme and run.agency.themes and entry.theme not in run.agency.themes:
        return None  # another rule says that there is no such theme
    if entry.theme:
        message = f"no address of an EU data theme stands for the theme {entry.theme}"
        key, subject = ("theme_uris",), f"theme.{entry.theme}"
        return rules.THEME_UNMAPPED.of_agency(run.catalog, message, key=key, subject=subject)
    return rules.THEME_UNMAPPED.of(run.catalog, entry, "theme is missing: 数据领域", subject="theme")


def _placeless(run: Run, _entry: Entry) -> CatalogFault:
    message = "jurisdiction is missing: the place that the data are about"
    return rules.PLACE_MISSING.of_agency(run.catalog, message, key=(), subject="jurisdiction")


def _timeless(run: Run, entry: Entry) -> CatalogFault:
    message = "period is missing: the time that the data are about"
    return rules.PERIOD_MISSING.of(run.catalog, entry, message, subject="period")


#: Metric → the fault of an entry that lacks it. Keywords and licence have rules of their own (`description_rules`);
#: what else is lost lies in the formats and in the licence's own standing, which no section can mend.
_MENDED: Mapping[str, Callable[[Run, Entry], CatalogFault | None]] = {
    "dcat:theme": _themeless,
    "dct:spatial": _placeless,
    "dct:temporal": _timeless,
}


def _lacks(run: Run, entry: Entry, score: MetadataScore) -> Iterator[CatalogFault]:
    for metric in score.metrics:
        tell = _MENDED.get(metric.name)
        fault = tell(run, entry) if tell and metric.share == 0 else None
        if fault is not None:
            lost = f"{metric.weight} of {TOTAL} points, {metric.dimension}"
            yield replace(fault, message=f"{fault.message} ({lost})")


def check_metadata(run: Run) -> tuple[list[CatalogFault], Mapping[str, MetadataScore], MetadataScore]:
    """The faults, the points of each entry that the public may know of, and those of all of them together."""
    entries = [entry for entry in run.catalog.entries if entry.openness.code is not Openness.WITHHELD]
    facts = {entry.id: _facts(run, entry) for entry in entries}
    scores = {entry.id: score_metadata([facts[entry.id]]) for entry in entries}
    # What is agency.yaml's fault is told once, however many entries lack it.
    faults = dict.fromkeys(fault for entry in entries for fault in _lacks(run, entry, scores[entry.id]))
    return list(faults), scores, score_metadata(list(facts.values()))
