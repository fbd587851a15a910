"""Permits in the 27 columns of the double-publicity standard of 2018: decisions from 2018 on."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.licences import LicenceDecision, licence_decisions
from resource_catalog.samples.double_publicity import (
    CODES_GROUP,
    PARTY_2018,
    WORKBOOK_2018,
    decision_provenance,
    of_2018,
    party_2018,
)
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream

_COLUMNS = (
    *PARTY_2018, "决定文书名称", "决定文书号", "许可类别", "许可证书名称", "许可编号", "许可内容", "许可决定日期",
    "有效期自", "有效期至", "许可机关", "机关统一代码", "当前状态", "数据来源单位", "来源单位统一代码", "备注",
    "party_code", *PROVENANCE,
)  # fmt: skip
#: The category that the edition wants explained: 其他-….
_OTHER = "其他"


def _rows(city: City) -> Iterator[Row]:
    for one in of_2018(licence_decisions(city)):
        row_id = f"XK{one.number:08d}-{one.party.place}"
        yield (
            *party_2018(one.party),
            one.notice,
            one.document_number,
            _category(one),
            one.certificate or None,
            one.party.code if one.certificate else None,
            one.content,
            one.decided_on,
            one.decided_on,
            one.ends_on,
            one.authority.name,
            one.authority.code,
            one.state.code,
            one.authority.name,
            one.authority.code,
            one.state.remark or None,
            one.party.code,
            *decision_provenance(row_id, one.decided_on, one.published_on, one.state),
        )


def _category(one: LicenceDecision) -> str:
    return f"{_OTHER}-{one.title}" if one.category == _OTHER else one.category


_FORM = Sheet(
    WORKBOOK_2018,
    "行政许可",
    title="行政许可信息公示表",
    subtitle="示例数据，非真实",
    groups=CODES_GROUP,
    notes=("注：有效期至2099-12-31的为长期。",),
)
STREAM = Stream("administrative-licences-2018", _COLUMNS, _FORM, _rows)
