"""Consumer complaints and their handling, case by case: given on request, never with the complainant."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.complaints import complaints
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream

_COLUMNS = (
    "工单编号", "登记日期", "来源渠道", "投诉人", "被诉经营者", "被诉经营者统一社会信用代码", "所在区",
    "商品或服务类别", "诉求内容", "争议金额", "是否受理", "处理结果", "办结日期", "挽回损失", *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for one in complaints(city):
        number = f"{one.number:010d}"
        yield (
            number,
            one.received_on,
            one.channel,
            one.complainant,
            one.trader.name,
            one.trader.social_credit_code,
            one.trader.district,
            one.category,
            one.request,
            one.amount,
            one.accepted,
            one.result,
            one.closed_on,
            one.recovered,
            # Given on request and never published: published_at stays empty.
            *(f"TS{number}", 2 if one.closed_on else 1, one.closed_on or one.answered_on, None, None),
        )


STREAM = Stream("complaint-handling", _COLUMNS, Delimited("complaint-handling.csv", encoding="utf-8-sig"), _rows)
