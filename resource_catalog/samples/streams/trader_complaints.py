"""Complaints about each key trader (经营者投诉公示, D07) by half-year: a disclosure about firms, from the cases."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.complaints import Complaint, Words, complaints, key_traders
from resource_catalog.samples.city.decisions import REVOKED
from resource_catalog.samples.city.penalties import penalty_decisions
from resource_catalog.samples.city.working_days import add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "uscc", "name", "period", "industry", "total", "accepted", "not_accepted", "closed_accepted", "solved",
    "solve_rate", "case_name", "case_no", *PROVENANCE,
)  # fmt: skip
_YEARS = (2015, 2016, 2017)
#: The notice comes out so many working days after its half-year.
_PUBLISHED_AFTER = 10

#: A trader's number, a half-year.
Key = tuple[int, str]


def _half_year(day: datetime.date) -> str:
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def _last_day(period: str) -> datetime.date:
    year = int(period[:4])
    return datetime.date(year, 6, 30) if period.endswith("1") else datetime.date(year, 12, 31)


def _measures(one: Complaint, solved: str) -> Iterator[str]:
    """Where a complaint is counted as things stood at the end of its half-year: later answers come too late."""
    over = _last_day(_half_year(one.received_on))
    yield "total"
    if one.answered_on <= over:
        yield "accepted" if one.accepted else "not_accepted"
    if one.closed_on and one.closed_on <= over:
        yield "closed_accepted"
        if one.result == solved:
            yield "solved"


def _counts(city: City) -> Counter[tuple[Key, str]]:
    words: Words = city.words_of("complaint-handling")
    key = {one.number for one in key_traders(city)}
    counts: Counter[tuple[Key, str]] = Counter()
    for one in complaints(city):
        if one.trader.number in key:
            where = (one.trader.number, _half_year(one.received_on))
            counts.update((where, measure) for measure in _measures(one, words["solved"]))
    return counts


def _cases(city: City) -> dict[Key, tuple[str, str]]:
    """Title and number of the last penalty in a half-year that stands and was public by its end."""
    key = {one.number for one in key_traders(city)}
    cases: dict[Key, tuple[str, str]] = {}
    for one in penalty_decisions(city):
        period = _half_year(one.decided_on)
        known = one.published_on <= _last_day(period) and one.state.code != REVOKED
        if known and one.enterprise and one.enterprise.number in key:
            cases[one.enterprise.number, period] = one.title, one.document_number
    return cases


def _rows(city: City) -> Iterator[Row]:
    counts, cases = _counts(city), _cases(city)
    for (year, half), trader in product(product(_YEARS, (1, 2)), key_traders(city)):
        key = (trader.number, f"{year}-H{half}")
        closed, solved = counts[key, "closed_accepted"], counts[key, "solved"]
        over = _last_day(key[1])
        yield (
            trader.social_credit_code,
            trader.name,
            key[1],
            trader.industry,
            *(counts[key, measure] for measure in ("total", "accepted", "not_accepted")),
            closed,
            solved,
            (Decimal(solved) / closed).quantize(Decimal("0.0001")) if closed else None,
            *cases.get(key, (None, None)),
            *provenance(f"GS-{key[1]}-{trader.number:05d}", over, add_working_days(over, _PUBLISHED_AFTER)),
        )


STREAM = Stream(
    "trader-complaints",
    _COLUMNS,
    Sheet(
        "trader-complaints.xlsx",
        "经营者投诉公示",
        title="重点经营者消费投诉公示（示例数据，非真实）",
        subtitle="按半年公示；单位：件",
        notes=(
            "注：1.件数为截至各半年末的情况，期末尚未答复是否受理的投诉只计入投诉总量；",
            "2.投诉解决率=受理办结中已解决的件数÷受理办结的件数，没有受理办结的为空。",
        ),
    ),
    _rows,
)
