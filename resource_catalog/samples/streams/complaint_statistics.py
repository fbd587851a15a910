"""Complaints in numbers (12315投诉统计, D06), counted from the same cases; small counts are withheld."""

from __future__ import annotations

import calendar
import datetime
import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import TypedDict

import chinese_calendar

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.complaints import LAST_COMPLAINT, Words, complaints
from resource_catalog.samples.city.working_days import add_working_days
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream, provenance

_COLUMNS = (
    "period", "node", "district", "category", "channel", "complaints", "reports", "consultations", "amount_recovered",
    "yoy", "suppressed", *PROVENANCE,
)  # fmt: skip
#: A count from 1 to 4 could point to a person (standards.md 7).
SMALL = 5
#: Statistics come out so many working days after their month.
_PUBLISHED_AFTER = 5
_SPRING_FESTIVAL = "Spring Festival"
#: How many people report an offence or ask for advice a month, by district, category and channel, at scale 1.
_REPORTS, _CONSULTATIONS = (0, 3), (0, 9)

#: Month, district, category, channel.
Key = tuple[str, str, str, str]


class StatisticsWords(TypedDict):
    """`words/complaint-statistics.json`; `nodes` are those of fixed months."""

    whole_city: str
    all_channels: str
    nodes: dict[str, str]
    spring_festival: str
    ordinary: str


@dataclass(frozen=True)
class _Counts:
    """Per key and for the whole city or all channels: numbers, and what was recovered in 分."""

    complaints: Counter[Key]
    reports: Counter[Key]
    consultations: Counter[Key]
    recovered: Counter[Key]


def _months() -> list[str]:
    """The months that were over when the last complaint came."""
    first, last = 2015 * 12, LAST_COMPLAINT.year * 12 + LAST_COMPLAINT.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, last)]


def _counts(city: City, words: StatisticsWords) -> _Counts:
    counts = _Counts(Counter(), Counter(), Counter(), Counter())
    for one in complaints(city):
        key = (f"{one.received_on:%Y-%m}", one.trader.district, one.category, one.channel)
        for wider in _wider(words, key):
            counts.complaints[wider] += 1
            counts.recovered[wider] += int((one.recovered or 0) * 100)
    chance = city.chance("complaint-statistics")
    for key in _finest(city):
        reports, consultations = (chance.randint(*bounds) * city.scale for bounds in (_REPORTS, _CONSULTATIONS))
        for wider in _wider(words, key):
            counts.reports[wider] += reports
            counts.consultations[wider] += consultations
    return counts


def _wider(words: StatisticsWords, key: Key) -> tuple[Key, Key]:
    """The two rows in which a case is counted: that of its district, and that of its channel."""
    month, district, category, channel = key
    return (month, district, category, words["all_channels"]), (month, words["whole_city"], category, channel)


def _finest(city: City) -> Iterator[Key]:
    return product(_months(), city.words["districts"], *_categories_and_channels(city))


def _keys(city: City, words: StatisticsWords) -> Iterator[Key]:
    """Every row, also where nobody complained: a zero is a count."""
    categories, channels = _categories_and_channels(city)
    for month in _months():
        yield from product((month,), city.words["districts"], categories, (words["all_channels"],))
        yield from product((month,), (words["whole_city"],), categories, channels)


def _categories_and_channels(city: City) -> tuple[Sequence[str], Sequence[str]]:
    words: Words = city.words_of("complaint-handling")
    return [each["name"] for each in words["categories"]], list(words["channels"])


def _rows(city: City) -> Iterator[Row]:
    words: StatisticsWords = city.words_of("complaint-statistics")
    counts = _counts(city, words)
    for number, key in enumerate(_keys(city, words), start=1):
        shown = [_shown(each[key]) for each in (counts.complaints, counts.reports, counts.consultations)]
        over = _last_day(key[0])
        yield (
            key[0],
            _node(words, key[0]),
            *key[1:],
            *shown,
            None if shown[0] is None else Decimal(counts.recovered[key]) / 100,
            _change(counts.complaints, key),
            None in shown,
            *provenance(f"TJ-{number:05d}", over, add_working_days(over, _PUBLISHED_AFTER)),
        )


def _shown(count: int) -> int | None:
    return None if 0 < count < SMALL else count


def _change(complaints: Counter[Key], key: Key) -> Decimal | None:
    """How many more or fewer than in the month a year before, as a ratio; None where either count isn't shown, or 0."""
    earlier = f"{int(key[0][:4]) - 1}{key[0][4:]}", *key[1:]
    before, now = complaints[earlier], _shown(complaints[key])
    if before < SMALL or now is None:
        return None
    return (Decimal(now - before) / before).quantize(Decimal("0.0001"))


def _node(words: StatisticsWords, month: str) -> str:
    """The holiday that the month has, the Spring Festival before New Year's Day."""
    if month == f"{_spring_festival(int(month[:4])):%Y-%m}":
        return words["spring_festival"]
    return words["nodes"].get(month[5:], words["ordinary"])


@functools.cache
def _spring_festival(year: int) -> datetime.date:
    """The first day off of the year's Spring Festival."""
    days = chinese_calendar.get_holidays(datetime.date(year, 1, 1), datetime.date(year, 3, 1), include_weekends=False)
    first: datetime.date = next(day for day in days if chinese_calendar.get_holiday_detail(day)[1] == _SPRING_FESTIVAL)
    return first


def _last_day(month: str) -> datetime.date:
    year, number = map(int, month.split("-"))
    return datetime.date(year, number, calendar.monthrange(year, number)[1])


STREAM = Stream("complaint-statistics", _COLUMNS, Delimited("complaint-statistics.csv", encoding="utf-8-sig"), _rows)
