"""Results of sampling inspections of goods on sale, in the columns of the agency's published tables."""

from __future__ import annotations

import datetime
import random

from resource_catalog.samples.parties import draw_brand
from resource_catalog.samples.words import Product, Words
from resource_catalog.samples.working_days import add_working_days, draw_working_day

ROWS = 300
ROWS_PER_BATCH = 25
COLUMNS = (
    "批次号", "序号", "被抽检人", "所在区", "商品名称", "标称商标", "型号规格", "生产日期/批号", "标称生产企业",
    "执行标准", "检验结果", "主要不合格项目", "检验机构", "报告编号", "抽样日期", "公布日期",
)  # fmt: skip

Cell = str | int | datetime.date

#: How the published tables write "none".
_NONE = "/"


def sampling_inspections(seed: int, words: Words) -> list[tuple[Cell, ...]]:
    """ROWS rows in the order of COLUMNS, in batches of one day and one group of goods."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    days = sorted(draw_working_day(chance) for _ in range(ROWS // ROWS_PER_BATCH))
    rows: list[tuple[Cell, ...]] = []
    for batch, day in enumerate(days, start=1):
        product = words["products"][batch % len(words["products"])]
        rows.extend(_batch(chance, words, product, day, batch))
    return rows


def _batch(
    chance: random.Random, words: Words, product: Product, day: datetime.date, batch: int
) -> list[tuple[Cell, ...]]:
    laboratory = chance.choice(words["laboratories"])
    published = add_working_days(day, 20 + chance.randrange(1, 20))
    return [
        (
            f"{batch:04d}",
            order,
            *_goods(chance, words, product, day),
            *_result(chance, product),
            laboratory,
            f"0{day:%y%m}{batch:02d}{order:03d}",
            day,
            published,
        )
        for order in range(1, ROWS_PER_BATCH + 1)
    ]


def _goods(chance: random.Random, words: Words, product: Product, day: datetime.date) -> tuple[str, ...]:
    made = day - datetime.timedelta(days=chance.randrange(30, 400))
    lots = (_NONE, f"{made:%Y-%m-%d}", f"{made:%Y%m%d}{chance.choice('ABC')}")
    name, size = chance.choice(list(zip(product["names"], product["sizes"], strict=True)))
    maker = f"{chance.choice(words['makers'])}{draw_brand(chance, words)}{chance.choice(words['maker_trades'])}有限公司"
    return (
        f"{words['place']}{draw_brand(chance, words)}{chance.choice(words['shops'])}",
        chance.choice(list(words["districts"])),
        name,
        chance.choice([*words["trademarks"], _NONE]),
        chance.choice([size, size, size, _NONE]),
        chance.choice(lots),
        chance.choice([maker, maker, maker, _NONE]),
        product["standard"],
    )


def _result(chance: random.Random, product: Product) -> tuple[str, str]:
    if chance.random() < 0.8:
        return "合格", _NONE
    return "不合格", "、".join(chance.sample(product["faults"], k=chance.choice((1, 1, 2))))
