"""Bad records of enterprises (工商不良记录, an item of the plan of 2014): the penalties of both editions that stand."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import REVOKED
from resource_catalog.samples.city.penalties import penalty_decisions
from resource_catalog.samples.double_publicity import decision_provenance
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream

_COLUMNS = (
    "当事人名称", "主要违法事实", "法律依据", "处罚结果", "uscc", "document_number", "decided_on", "authority",
    "authority_code", *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for one in penalty_decisions(city):
        if one.enterprise is None or one.state.code == REVOKED:
            continue
        yield (
            one.enterprise.name,
            one.facts,
            one.basis,
            one.result,
            one.enterprise.social_credit_code,
            one.document_number,
            one.decided_on,
            one.authority.name,
            one.authority.code,
            *decision_provenance(f"BL{one.number:08d}-{one.party.place}", one.decided_on, one.published_on, one.state),
        )


STREAM = Stream("dishonest-records", _COLUMNS, Delimited("dishonest-records.csv", encoding="utf-8-sig"), _rows)
