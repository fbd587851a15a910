"""The register of enterprises (企业工商信息): what every other table's enterprises are taken from."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import PROVENANCE, Row, Stream, Table, provenance

_COLUMNS = (
    "uscc", "registration_number", "organisation_code", "name", "kind", "legal_person", "resident_id", "capital",
    "founded_on", "district", "division_code", "address", "industry_code", "scope", "tax_number", "status", "status_on",
    *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for one in city.enterprises():
        version = 2 if one.status_on else 1
        since = one.status_on or one.founded
        yield (
            one.social_credit_code,
            one.registration_number,
            one.organisation_code,
            one.name,
            one.kind,
            one.legal_person,
            one.resident_id or None,
            one.capital,
            one.founded,
            one.district,
            one.division,
            one.address,
            one.industry,
            one.scope,
            one.tax_number,
            one.status,
            one.status_on,
            *provenance(f"QY{one.number:08d}", since, since, version=version),
        )


STREAM = Stream("enterprises", _COLUMNS, Table("registry.sqlite", "enterprises", {"capital": "NUMERIC"}), _rows)
