"""Sampling inspections of goods on sale (流通领域商品抽检, D08), in the columns of the agency's published tables."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.parties import draw_active
from resource_catalog.samples.city.people import draw_brand
from resource_catalog.samples.city.working_days import WORKING_DAYS, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "batch_no", "seq", "被抽检人", "被抽检人统一社会信用代码", "district", "商品名称", "标称商标", "型号规格",
    "生产日期/批号", "标称生产企业", "standard", "result", "主要不合格项目", "lab", "report_no", "sampled_on",
    "published_on", *PROVENANCE,
)  # fmt: skip
_FORM = Sheet("sampling-inspections.xlsx", "抽检结果", title="流通领域商品质量抽检结果（示例数据，非真实）")
_BATCHES = 30
_SAMPLES_OF_A_BATCH = 25
#: Batches begin after the city's first days, and early enough for their results to be published.
_FIRST, _LAST = 60, len(WORKING_DAYS) - 45
#: Testing takes up to so many working days; the clock gives as many from the final result.
_TESTING_DAYS = _PUBLICITY_DAYS = 20
#: How the published tables write "none".
_NONE = "/"
_PASSED, _FAILED = "合格", "不合格"


class ProductWords(TypedDict):
    """A group of goods, its standard, and what its samples fail in."""

    names: list[str]
    sizes: list[str]
    standard: str
    faults: list[str]


class Words(TypedDict):
    """`words/sampling-inspections.json`."""

    laboratories: list[str]
    maker_trades: list[str]
    makers: list[str]
    trademarks: list[str]
    products: list[ProductWords]


def _rows(city: City) -> Iterator[Row]:
    words: Words = city.words_of("sampling-inspections")
    chance = city.chance("sampling-inspections")
    total = _BATCHES * city.scale
    for number in range(total):
        product = words["products"][number % len(words["products"])]
        sampled = WORKING_DAYS[_FIRST + number * (_LAST - _FIRST) // total]
        yield from _batch(city, chance, product, sampled, number + 1)


def _batch(
    city: City, chance: random.Random, product: ProductWords, sampled: datetime.date, batch: int
) -> Iterator[Row]:
    words: Words = city.words_of("sampling-inspections")
    laboratory = chance.choice(words["laboratories"])
    final = add_working_days(sampled, chance.randint(8, _TESTING_DAYS))
    published = add_working_days(final, chance.randint(1, _PUBLICITY_DAYS))
    failing = chance.uniform(0.02, 0.35)
    for order in range(1, _SAMPLES_OF_A_BATCH + 1):
        seller = draw_active(city, chance, sampled)
        yield (
            f"{batch:04d}",
            order,
            seller.name,
            seller.social_credit_code,
            seller.district,
            *_goods(city, chance, product, sampled),
            *_result(chance, product, failing),
            laboratory,
            f"0{batch:06d}{order:03d}",
            sampled,
            published,
            *provenance(f"CJ{batch:06d}-{order:03d}", final, published),
        )


def _goods(city: City, chance: random.Random, product: ProductWords, sampled: datetime.date) -> tuple[str, ...]:
    words: Words = city.words_of("sampling-inspections")
    made = sampled - datetime.timedelta(days=chance.randrange(30, 400))
    lots = (_NONE, f"{made:%Y-%m-%d}", f"{made:%Y%m%d}{chance.choice('ABC')}")
    name, size = chance.choice(list(zip(product["names"], product["sizes"], strict=True)))
    brand = draw_brand(chance, city.words)
    maker = f"{chance.choice(words['makers'])}{brand}{chance.choice(words['maker_trades'])}有限公司"
    return (
        name,
        chance.choice([*words["trademarks"], _NONE]),
        chance.choice([size, size, size, _NONE]),
        chance.choice(lots),
        chance.choice([maker, maker, maker, _NONE]),
        product["standard"],
    )


def _result(chance: random.Random, product: ProductWords, failing: float) -> tuple[str, str]:
    if chance.random() >= failing:
        return _PASSED, _NONE
    return _FAILED, "、".join(chance.sample(product["faults"], k=chance.choice((1, 1, 2))))


STREAM = Stream("sampling-inspections", _COLUMNS, _FORM, _rows)
