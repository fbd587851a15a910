"""Penalties in the 29 columns of the double-publicity standard of 2018: decisions from 2018 on."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import WITHOUT_END, months_after
from resource_catalog.samples.city.penalties import penalty_decisions
from resource_catalog.samples.double_publicity import (
    CODES_GROUP,
    PARTY_2018,
    WORKBOOK_2018,
    decision_provenance,
    in_ten_thousands,
    of_2018,
    party_2018,
)
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream

_COLUMNS = (
    *PARTY_2018, "决定书文号", "违法行为类型", "违法事实", "处罚依据", "处罚类别", "处罚内容", "罚款金额(万元)",
    "没收金额(万元)", "暂扣或吊销证照名称及编号", "处罚决定日期", "处罚有效期", "公示截止期", "处罚机关",
    "机关统一代码", "数据来源单位", "来源单位统一代码", "备注", "party_code", *PROVENANCE,
)  # fmt: skip
_SHOWN_MONTHS = 5 * 12
_EFFECT_MONTHS = 12


def _rows(city: City) -> Iterator[Row]:
    for one in of_2018(penalty_decisions(city)):
        row_id = f"CF{one.number:08d}-{one.party.place}"
        yield (
            *party_2018(one.party),
            one.document_number,
            one.behaviour,
            one.facts,
            one.basis,
            "；".join(one.kinds),
            one.result,
            in_ten_thousands(one.fine),
            in_ten_thousands(one.confiscated),
            one.licence or None,
            one.decided_on,
            WITHOUT_END if one.revocation else months_after(one.decided_on, _EFFECT_MONTHS),
            months_after(one.decided_on, _SHOWN_MONTHS),
            one.authority.name,
            one.authority.code,
            one.authority.name,
            one.authority.code,
            one.state.remark or None,
            one.party.code,
            *decision_provenance(row_id, one.decided_on, one.published_on, one.state),
        )


_FORM = Sheet(
    WORKBOOK_2018,
    "行政处罚",
    title="行政处罚信息公示表",
    subtitle="示例数据，非真实    金额单位：万元",
    groups=CODES_GROUP,
    notes=("注：处罚有效期2099-12-31的为长期。",),
)
STREAM = Stream("administrative-penalties-2018", _COLUMNS, _FORM, _rows)
