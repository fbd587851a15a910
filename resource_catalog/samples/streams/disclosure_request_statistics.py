"""Requests for government information in numbers (D19): what the public gets of the ledger, counted from it."""

from __future__ import annotations

import calendar
import datetime
from collections import Counter
from collections.abc import Iterator
from itertools import product

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.public_requests import RequestWords, public_requests
from resource_catalog.samples.city.working_days import add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "period", "channel", "answer", "topic_key", "requests", "extended", "answered_in_time", "frequent", *PROVENANCE,
)  # fmt: skip
#: The share of a month's requests from which a topic is asked for so often that it should be published unasked.
FREQUENT_PERCENT = 15
#: Statistics come out so many working days after their month.
_PUBLISHED_AFTER = 10

Key = tuple[str, str, str, str]
_MEASURES = ("requests", "extended", "answered_in_time")


def _counts(city: City, words: RequestWords) -> Counter[tuple[Key, str]]:
    """Per key and measure; a month's whole is under the total of all. Bounded, whatever the city's size."""
    counts: Counter[tuple[Key, str]] = Counter()
    total, all_topics = words["total"], words["all_topics"]
    for request in public_requests(city):
        month = f"{request.answered:%Y-%m}"
        measured = zip(_MEASURES, (1, request.extended, request.in_time), strict=True)
        counted = [measure for measure, held in measured if held]
        for key in (
            (month, request.channel, request.answer, all_topics),
            (month, total, total, request.topic),
            (month, total, total, all_topics),
        ):
            counts.update((key, measure) for measure in counted)
    return counts


def _keys(months: list[str], words: RequestWords) -> Iterator[Key]:
    """Every combination, those that nobody asked in too: a zero is a count."""
    for month in months:
        yield from product((month,), words["channels"], words["answers"], (words["all_topics"],))
        yield from product((month,), (words["total"],), (words["total"],), words["topics"])


def _rows(city: City) -> Iterator[Row]:
    words: RequestWords = city.words_of("public-requests")
    counts = _counts(city, words)
    months = sorted({key[0] for key, _ in counts})
    for number, key in enumerate(_keys(months, words), start=1):
        requests, extended, in_time = (counts[key, measure] for measure in _MEASURES)
        whole = counts[(key[0], words["total"], words["total"], words["all_topics"]), "requests"]
        frequent = 100 * requests >= FREQUENT_PERCENT * whole if key[3] in words["topics"] else None
        closed = _last_day(key[0])
        published = add_working_days(closed, _PUBLISHED_AFTER)
        yield (*key, requests, extended, in_time, frequent, *provenance(f"SQTJ-{number:05d}", closed, published))


def _last_day(month: str) -> datetime.date:
    year, number = map(int, month.split("-"))
    return datetime.date(year, number, calendar.monthrange(year, number)[1])


STREAM = Stream(
    "disclosure-request-statistics",
    _COLUMNS,
    Sheet(
        "disclosure-request-statistics.xls",
        "统计",
        title="政府信息公开申请办理情况统计（示例数据，非真实）",
        subtitle="统计口径：按答复月份；单位：件",
        notes=("注：按渠道和答复类型统计的行与按主题统计的行，各自加总均为当月答复件数。",),
    ),
    _rows,
)
