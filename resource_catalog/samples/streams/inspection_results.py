"""Results of spot checks (双随机抽查结果, D04): one row for each enterprise that a task's draw hit."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.spot_checks import spot_checks
from resource_catalog.samples.stream import PROVENANCE, Columnar, Row, Stream, provenance

_COLUMNS = ("task_id", "uscc", "checked_on", "outcome", "published_on", "inspectors", *PROVENANCE)


def _rows(city: City) -> Iterator[Row]:
    for check in spot_checks(city):
        yield (
            check.task.task_id,
            check.enterprise.social_credit_code,
            check.checked_on,
            check.outcome,
            check.published_on,
            "、".join(check.inspectors),
            *provenance(check.row_id, check.checked_on, check.published_on),
        )


STREAM = Stream("inspection-results", _COLUMNS, Columnar("inspection-results.parquet"), _rows)
