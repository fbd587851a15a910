"""The ledger of requests for government information (D19): personal, so tests can show that nothing of it leaves."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.public_requests import public_requests
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream

_COLUMNS = (
    "req_id", "received_on", "channel", "applicant_kind", "applicant", "applicant_document", "contact", "subject",
    "extended", "answered_on", "answer", "topic_key", *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for request in public_requests(city):
        yield (
            request.req_id,
            request.received,
            request.channel,
            request.applicant_kind,
            request.applicant,
            request.document,
            request.contact,
            request.subject,
            request.extended,
            request.answered,
            request.answer,
            request.topic,
            # Never published: published_at stays empty.
            *(f"SQTZ-{request.req_id}", 1, request.answered, None, None),
        )


STREAM = Stream("disclosure-requests", _COLUMNS, Delimited("disclosure-requests.csv", "gb18030"), _rows)
