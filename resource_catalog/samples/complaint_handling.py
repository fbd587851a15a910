"""Consumer complaints and how each was settled: the data of an on-request dataset, which must never be published."""

from __future__ import annotations

import random

from resource_catalog.samples.parties import draw_party, draw_person
from resource_catalog.samples.words import Words
from resource_catalog.samples.working_days import add_working_days, draw_working_day

ROWS = 200
COLUMNS = (
    "工单编号", "登记日期", "来源渠道", "投诉人", "被诉经营者", "被诉经营者统一社会信用代码", "所在区",
    "商品或服务类别", "诉求内容", "争议金额", "是否受理", "处理结果", "办结日期", "挽回损失",
)  # fmt: skip

_SETTLED = ("达成调解", "未达成调解", "投诉人撤回")


def complaint_handling(seed: int, words: Words) -> list[tuple[str, ...]]:
    """ROWS rows in the order of COLUMNS; dates as YYYY-MM-DD, amounts in yuan with two decimals."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    return [_row(chance, words, number) for number in range(1, ROWS + 1)]


def _row(chance: random.Random, words: Words, number: int) -> tuple[str, ...]:
    party = draw_party(chance, words, chance.choice(("domestic", "domestic", "individual")))
    kind = chance.choice(words["complaints"]["kinds"])
    request = kind["request"].format(name=words["complaints"]["goods"].get(kind["name"], ""))
    registered = draw_working_day(chance)
    disputed = chance.randrange(2_000, 3_000_000)
    settled = add_working_days(registered, chance.randrange(5, 60)).isoformat()
    return (
        f"{number:010d}",
        registered.isoformat(),
        chance.choice(words["complaints"]["channels"]),
        draw_person(chance, words),
        party.name,
        party.social_credit_code,
        party.district,
        kind["name"],
        request,
        f"{disputed / 100:.2f}",
        *_outcome(chance, disputed, settled),
    )


def _outcome(chance: random.Random, disputed: int, settled: str) -> tuple[str, str, str, str]:
    if chance.random() < 0.15:
        return "否", "", "", ""
    result = chance.choice(_SETTLED)
    recovered = f"{chance.randrange(disputed) / 100:.2f}" if result == "达成调解" else "0.00"
    return "是", result, settled, recovered
