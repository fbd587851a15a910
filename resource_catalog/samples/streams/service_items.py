"""The list of government services (政务服务事项目录, D03): what can be applied for, with what, how fast."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "item_code", "name", "item_type", "legal_days", "promised_days", "materials", "fee", "fee_basis", "online_depth",
    "window", "result_name", *PROVENANCE,
)  # fmt: skip
_FORM = Sheet(
    "service-items.xlsx",
    "政务服务事项目录",
    title="政务服务事项目录（示例数据，非真实）",
    subtitle="办理时限单位：工作日",
    groups={"legal_days": "办理时限", "promised_days": "办理时限", "fee": "收费", "fee_basis": "收费"},
    notes=("合计：202项", "注：承诺办理时限为0的，当场办结。", "填表人：示例"),
)


class ServiceWords(TypedDict):
    """A service, offered for each of its targets; a fee is charged where there is a basis for one."""

    name: str
    type: str
    targets: list[str]
    legal_days: int
    promised_days: int
    materials: list[str]
    window: str
    result: str
    depths: list[str]
    fee_basis: str


class Words(TypedDict):
    """`words/service-items.json`; `letters` stand for an item's type in its code."""

    code: str
    letters: dict[str, str]
    published: str
    services: list[ServiceWords]


def _rows(city: City) -> Iterator[Row]:
    words: Words = city.words_of("service-items")
    chance = city.chance("service-items")
    published = datetime.date.fromisoformat(words["published"])
    offered = [(service, target) for service in words["services"] for target in service["targets"]]
    for number, (service, target) in enumerate(offered, start=1):
        yield (
            words["code"].format(letters=words["letters"][service["type"]], number=number),
            service["name"].format(target=target),
            service["type"],
            service["legal_days"],
            service["promised_days"],
            json.dumps(service["materials"], ensure_ascii=False),
            bool(service["fee_basis"]),
            service["fee_basis"] or None,
            chance.choice(service["depths"]),
            service["window"],
            service["result"],
            *provenance(f"FW{number:04d}", published, published),
        )


STREAM = Stream("service-items", _COLUMNS, _FORM, _rows)
