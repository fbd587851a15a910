"""The city's enterprises: each a pure function of its number, so that a city of any size needs no memory.

They are numbered in the order of their founding. Codes are valid by GB 32100-2015, GB 11714 and GS 15-2006, unique, and
carry the division code that was in force on the day of founding.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from decimal import Decimal

from resource_catalog.samples.city.identifiers import (
    draw_resident_id,
    organisation_code,
    registration_number,
    social_credit_code,
)
from resource_catalog.samples.city.people import brand_of, draw_address, draw_person
from resource_catalog.samples.city.words import CityWords
from resource_catalog.samples.city.working_days import LAST_DAY, WORKING_DAYS, add_working_days

INDIVIDUAL = "个体工商户"
COOPERATIVE = "农民专业合作社"
FOREIGN = "外商投资企业"
#: Spreads consecutive numbers over all seven-digit ones without meeting any twice: it has no factor in common with 10.
_SPREAD = 7_368_787
_SEVEN_DIGITS = 10**7


@dataclass(frozen=True)
class Enterprise:
    """One enterprise; `resident_id` is that of an individual trader, empty for others; `capital` in 万元."""

    number: int
    name: str
    kind: str
    legal_person: str
    resident_id: str
    founded: datetime.date
    district: str
    division: str
    address: str
    industry: str
    scope: str
    capital: Decimal
    social_credit_code: str
    organisation_code: str
    registration_number: str
    tax_number: str
    status: str
    status_on: datetime.date | None

    @property
    def individual(self) -> bool:
        """Whether it is a person who trades (个体工商户)."""
        return self.kind == INDIVIDUAL


def division_on(words: CityWords, district: str, day: datetime.date) -> str:
    """The district's division code in force on a day (GB/T 2260)."""
    former = words["former_divisions"].get(district)
    if former and day <= datetime.date.fromisoformat(former["until"]):
        return former["code"]
    return words["districts"][district]


def _industry_on(words: CityWords, trade: str, day: datetime.date) -> str:
    """The trade's industry code in the edition in force on a day (GB/T 4754)."""
    code = words["industries"][trade]
    renumbered = words["renumbered_industries"]
    if day >= datetime.date.fromisoformat(renumbered["since"]):
        return renumbered["codes"].get(code, code)
    return code


def enterprise(words: CityWords, seed: int, number: int, founded: datetime.date) -> Enterprise:
    """The enterprise of a number, founded on a day."""
    chance = random.Random(f"{seed} enterprise {number}")  # noqa: S311 - samples, no secrets
    kind = chance.choices(list(words["kinds"]), [each["weight"] for each in words["kinds"].values()])[0]
    district = chance.choice(list(words["districts"]))
    division = division_on(words, district, founded)
    trade = chance.choice(_trades(words, kind))
    body = (number * _SPREAD + seed) % _SEVEN_DIGITS
    organisation = organisation_code(f"Y{body:07d}")
    industry = _industry_on(words, trade, founded)
    traits = words["kinds"][kind]
    status, status_on = _draw_status(chance, words, founded)
    return Enterprise(
        number=number,
        name=_draw_name(chance, words, number, kind, district, trade),
        kind=kind,
        legal_person=draw_person(chance, words),
        resident_id=draw_resident_id(chance, division) if kind == INDIVIDUAL else "",
        founded=founded,
        district=district,
        division=division,
        address=draw_address(chance, words, district),
        industry=industry,
        scope=chance.choice(words["scopes"][industry]),
        capital=_draw_capital(chance, kind),
        social_credit_code=social_credit_code(traits["prefix"], division, organisation),
        organisation_code=organisation,
        registration_number=registration_number(division, f"{chance.choice(traits['order'])}{body:07d}"),
        tax_number=division + organisation,
        status=status,
        status_on=status_on,
    )


def _trades(words: CityWords, kind: str) -> list[str]:
    special = {INDIVIDUAL: words["shop_trades"], COOPERATIVE: words["cooperative_trades"]}
    return special.get(kind, words["trades"])


def _draw_name(chance: random.Random, words: CityWords, number: int, kind: str, district: str, trade: str) -> str:
    brand = brand_of(chance, words, number)
    if kind in (INDIVIDUAL, COOPERATIVE):
        return f"{words['place']}市{district}{brand}{trade}"
    if kind == FOREIGN:
        return f"{brand}{trade}（{words['place']}）有限公司"
    return f"{words['place']}{brand}{trade}有限公司"


def _draw_capital(chance: random.Random, kind: str) -> Decimal:
    if kind == INDIVIDUAL:
        return Decimal(chance.randrange(5, 200)) / 10
    return Decimal(chance.choice((10, 30, 50, 100, 100, 200, 300, 500, 1000, 2000, 5000)))


def _draw_status(chance: random.Random, words: CityWords, founded: datetime.date) -> tuple[str, datetime.date | None]:
    status = chance.choices(list(words["statuses"]), list(words["statuses"].values()))[0]
    changed = add_working_days(founded, chance.randrange(60, len(WORKING_DAYS)))
    if status == next(iter(words["statuses"])) or changed >= LAST_DAY:
        return next(iter(words["statuses"])), None
    return status, changed
