"""The answers to public opinion that are public (D15): the ledger's cases that were answered in public."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.public_opinion import opinion_cases
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream, provenance

_COLUMNS = (
    "case_id", "topic", "severity", "occurred_at", "authority_at", "press_at", "media_channel", "result", "url",
    *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for case in opinion_cases(city):
        if case.published is None:
            continue
        yield (
            case.case_id,
            case.topic,
            case.severity,
            case.occurred,
            case.authority,
            case.press,
            case.channel,
            case.result,
            case.url,
            *provenance(f"YQJG-{case.case_id}", case.closed, case.published),
        )


STREAM = Stream("opinion-response-results", _COLUMNS, Delimited("opinion-response-results.csv"), _rows)
