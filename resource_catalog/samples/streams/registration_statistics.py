"""Registrations in numbers (企业注册登记统计, an item of the plan of 2014): exact sums over the register."""

from __future__ import annotations

import calendar
import datetime
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import FIRST_DAY, LAST_DAY, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "period", "district", "kind", "new_count", "new_capital", "total_count", "total_capital", *PROVENANCE,
)  # fmt: skip
#: Statistics come out so many working days after their month.
_PUBLISHED_AFTER = 10

#: Month, district, kind of enterprise.
Key = tuple[str, str, str]


def _last_day(month: str) -> datetime.date:
    year, number = map(int, month.split("-"))
    return datetime.date(year, number, calendar.monthrange(year, number)[1])


def _months() -> list[str]:
    """From the city's first month on, those that were over before its last day."""
    first, last = (day.year * 12 + day.month - 1 for day in (FIRST_DAY, LAST_DAY))
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, last)]


def _rows(city: City) -> Iterator[Row]:
    """Month by month; both Counters have a bounded number of keys: households, and capital in 千元, which is whole."""
    founded: Counter[Key] = Counter()
    capital: Counter[Key] = Counter()
    left: Counter[Key] = Counter()
    capital_left: Counter[Key] = Counter()
    for one in city.enterprises():
        key = (f"{one.founded:%Y-%m}", one.district, one.kind)
        founded[key] += 1
        capital[key] += int(one.capital * 10)
        if one.status_on:
            key = (f"{one.status_on:%Y-%m}", one.district, one.kind)
            left[key] += 1
            capital_left[key] += int(one.capital * 10)
    present, present_capital = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    cells = list(product(city.words["districts"], city.words["kinds"]))
    for number, (month, cell) in enumerate(product(_months(), cells), start=1):
        key = (month, *cell)
        present[cell] += founded[key] - left[key]
        present_capital[cell] += capital[key] - capital_left[key]
        over = _last_day(month)
        yield (
            *key,
            founded[key],
            Decimal(capital[key]) / 10,
            present[cell],
            Decimal(present_capital[cell]) / 10,
            *provenance(f"ZCTJ-{number:05d}", over, add_working_days(over, _PUBLISHED_AFTER)),
        )


STREAM = Stream(
    "registration-statistics",
    _COLUMNS,
    Sheet(
        "registration-statistics.xls",
        "登记统计",
        title="企业注册登记统计（示例数据，非真实）",
        subtitle="单位：户、万元",
        notes=("注：累计为月末在册，不含已吊销和已注销的；崇明撤县设区以前的数按崇明区列。",),
    ),
    _rows,
)
