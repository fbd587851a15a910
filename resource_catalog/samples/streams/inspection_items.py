"""The list of spot-check items (双随机抽查事项清单, D04): what may be checked at random, and how often."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.spot_checks import inspection_items
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "item_code", "name", "basis", "subject", "target", "content", "mode", "ratio", "times_per_year", *PROVENANCE,
)  # fmt: skip
_FORM = Sheet("spot-checks.xlsx", "抽查事项清单", title="随机抽查事项清单（示例数据，非真实）")


def _rows(city: City) -> Iterator[Row]:
    for item in inspection_items(city):
        yield (
            item.code,
            item.name,
            item.basis,
            item.subject,
            item.target,
            item.content,
            item.mode,
            item.ratio,
            item.times_per_year,
            *provenance(f"SX-{item.code}", item.published_on, item.published_on),
        )


STREAM = Stream("inspection-items", _COLUMNS, _FORM, _rows)
