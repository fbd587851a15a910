"""The list of duties (行政责任清单, D02): what comes with each power, and who answers for neglect."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.powers import duties
from resource_catalog.samples.stream import PROVENANCE, Row, Stream, Table, provenance

_COLUMNS = ("power_code", "duty_no", "duty", "accountability", "supervision_phone", *PROVENANCE)
_TYPES = {"duty_no": "INTEGER", "record_version": "INTEGER"}


def _rows(city: City) -> Iterator[Row]:
    for duty in duties(city):
        power = duty.power
        yield (
            power.code,
            duty.number,
            duty.duty,
            duty.accountability,
            duty.supervision_phone,
            *provenance(
                f"ZR{power.number:05d}-{duty.number}", power.valid_from, power.published_on, version=power.version
            ),
        )


STREAM = Stream("duty-list", _COLUMNS, Table("powers.sqlite", "duty_list", _TYPES), _rows)
