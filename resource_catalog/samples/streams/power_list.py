"""The list of administrative powers (行政权力清单, D01): what the agency may do, to whom, by what law."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.powers import powers
from resource_catalog.samples.stream import PROVENANCE, Row, Stream, Table, provenance

_COLUMNS = (
    "power_code", "name", "kind", "basis", "subject", "level", "change", "changed_on", "status", *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for power in powers(city):
        yield (
            power.code,
            power.name,
            power.kind,
            power.basis,
            power.subject,
            power.level,
            power.change,
            power.changed_on,
            power.status,
            *provenance(f"QL{power.number:05d}", power.valid_from, power.published_on, version=power.version),
        )


STREAM = Stream("power-list", _COLUMNS, Table("powers.sqlite", "power_list", {"record_version": "INTEGER"}), _rows)
