"""The ledger of answers to public opinion (D15): internal, so that tests can show that nothing of it leaves."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.public_opinion import opinion_cases
from resource_catalog.samples.stream import PROVENANCE, Interface, Row, Stream

_COLUMNS = (
    "case_id", "topic", "severity", "occurred_at", "found_on", "first_report_at", "authority_at", "press_at",
    "media_channel", "department", "handler", "poster", "assessment", "result", "url", *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for case in opinion_cases(city):
        yield (
            case.case_id,
            case.topic,
            case.severity,
            case.occurred,
            case.source,
            case.first_report,
            case.authority,
            case.press,
            case.channel,
            case.department,
            case.handler,
            case.poster,
            case.assessment,
            case.result,
            case.url or None,
            # Never published: published_at stays empty.
            *(f"YQTZ-{case.case_id}", 1, case.closed, None, None),
        )


STREAM = Stream("opinion-responses", _COLUMNS, Interface("opinion-responses.json", "data.records"), _rows)
