"""Shareholders of revoked firms (企业股东信息, an item of the plan of 2014, which limits it to the status 吊销)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.enterprises import COOPERATIVE, Enterprise
from resource_catalog.samples.city.identifiers import draw_resident_id
from resource_catalog.samples.city.parties import PERSON
from resource_catalog.samples.city.penalties import REVOKED_STATUS
from resource_catalog.samples.city.people import draw_person
from resource_catalog.samples.city.working_days import add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Stream, Table, provenance

_COLUMNS = (
    "uscc", "enterprise", "shareholder_no", "shareholder", "shareholder_kind", "resident_id", "shareholder_uscc",
    "contribution", "ratio", "contribution_mode", "paid_on", *PROVENANCE,
)  # fmt: skip
#: How many shareholders a firm has, from and to.
_SHAREHOLDERS = (2, 6)
#: Of a hundred shareholders, so many are firms, where one was founded before.
_FIRMS = 25
_PAID_WITHIN = 40


class ShareholderWords(TypedDict):
    """`words/revoked-shareholders.json`; `modes` has the weight of each, `firm_kinds` may hold shares."""

    firm: str
    firm_kinds: list[str]
    modes: dict[str, int]


@dataclass(frozen=True)
class _Shareholder:
    name: str
    kind: str
    resident_id: str | None = None
    social_credit_code: str | None = None


def _revoked(city: City) -> Iterator[Enterprise]:
    """Individual traders and cooperatives have no shareholders."""
    return (
        one
        for one in city.enterprises()
        if one.status == REVOKED_STATUS and not one.individual and one.kind != COOPERATIVE
    )


def _rows(city: City) -> Iterator[Row]:
    words: ShareholderWords = city.words_of("revoked-shareholders")
    chance = city.chance("revoked-shareholders")
    for one in _revoked(city):
        since = one.status_on or one.founded
        for number, percent in enumerate(_draw_percents(chance, chance.randint(*_SHAREHOLDERS)), start=1):
            holder = _draw_shareholder(city, words, chance, one)
            ratio = Decimal(percent) / 100
            yield (
                one.social_credit_code,
                one.name,
                number,
                holder.name,
                holder.kind,
                holder.resident_id,
                holder.social_credit_code,
                one.capital * ratio,
                ratio,
                chance.choices(list(words["modes"]), list(words["modes"].values()))[0],
                # Before its licence can be revoked, which no firm's is within sixty days.
                add_working_days(one.founded, chance.randint(0, _PAID_WITHIN)),
                *provenance(f"GD{one.number:08d}-{number}", since, since, version=2),
            )


def _draw_percents(chance: random.Random, count: int) -> list[int]:
    """Whole percents from 1 on that sum to 100."""
    cuts = [0, *sorted(chance.sample(range(1, 100), count - 1)), 100]
    return [upper - lower for lower, upper in zip(cuts, cuts[1:], strict=False)]


def _draw_shareholder(city: City, words: ShareholderWords, chance: random.Random, one: Enterprise) -> _Shareholder:
    if chance.randrange(100) < _FIRMS and city.founded_before(one.founded):
        firm = city.draw_enterprise(chance, one.founded, *words["firm_kinds"])
        return _Shareholder(firm.name, words["firm"], social_credit_code=firm.social_credit_code)
    return _Shareholder(draw_person(chance, city.words), PERSON, resident_id=draw_resident_id(chance, one.division))


STREAM = Stream(
    "revoked-shareholders",
    _COLUMNS,
    Table(
        "registry.sqlite",
        "shareholders",
        {"shareholder_no": "INTEGER", "contribution": "NUMERIC", "ratio": "NUMERIC", "record_version": "INTEGER"},
    ),
    _rows,
)
