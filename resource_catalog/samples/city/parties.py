"""Whom a decision names: an enterprise of the city, or a natural person."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.enterprises import Enterprise
from resource_catalog.samples.city.identifiers import draw_resident_id
from resource_catalog.samples.city.people import draw_person

PERSON = "自然人"
#: From this day one code replaced the three older ones of firms (三证合一, 国办发〔2015〕50号).
_ONE_CODE_FROM = datetime.date(2015, 10, 1)
#: No decision of the city names more; the schemas' masks list the natural persons' codes up to it.
MOST_PARTIES = 3


@dataclass(frozen=True)
class Party:
    """One party of a decision; `place` counts from 1. `enterprise` is None for a natural person."""

    enterprise: Enterprise | None
    name: str
    resident_id: str
    district: str
    place: int
    decided_on: datetime.date

    @property
    def social_credit_code(self) -> str | None:
        """统一社会信用代码, once decisions gave it."""
        known = self.enterprise and self.decided_on >= _ONE_CODE_FROM
        return self.enterprise.social_credit_code if self.enterprise and known else None

    @property
    def registration_number(self) -> str | None:
        """工商注册号, as long as decisions gave it."""
        return self.enterprise.registration_number if self.enterprise and not self.social_credit_code else None

    @property
    def organisation_code(self) -> str | None:
        """组织机构代码, as long as decisions gave it."""
        return self.enterprise.organisation_code if self.enterprise and not self.social_credit_code else None

    @property
    def tax_number(self) -> str | None:
        """税务登记号, as long as decisions gave it."""
        return self.enterprise.tax_number if self.enterprise and not self.social_credit_code else None

    @property
    def representative(self) -> str | None:
        """The legal representative's or trader's name, a registered fact; None for a natural person."""
        return self.enterprise.legal_person if self.enterprise else None

    @property
    def code(self) -> str:
        """The party's code in a decision's key: the first code given, or a natural person's place in the decision."""
        return self.social_credit_code or self.registration_number or f"{PERSON}-{self.place}"

    @property
    def category(self) -> str:
        """相对人类别 of the 2018 edition."""
        if self.enterprise is None:
            return PERSON
        return self.enterprise.kind if self.enterprise.individual else "法人及非法人组织"


def enterprise_party(one: Enterprise, day: datetime.date, place: int = 1) -> Party:
    """An enterprise as a party of a decision of a day."""
    return Party(one, one.name, one.resident_id, one.district, place, day)


def draw_parties(
    city: City, chance: random.Random, day: datetime.date, kinds: Sequence[Sequence[str]]
) -> tuple[Party, ...]:
    """The parties of a decision of a day, each of one of its kinds; no enterprise is named twice.

    Raises:
        ValueError: more parties than MOST_PARTIES.
    """
    if len(kinds) > MOST_PARTIES:
        raise ValueError(f"a decision names {len(kinds)} parties, more than {MOST_PARTIES}")
    parties: list[Party] = []
    for place, wanted in enumerate(kinds, start=1):
        if PERSON in wanted:
            parties.append(_draw_natural_person(city, chance, day, place))
            continue
        named = {party.enterprise for party in parties}
        one = draw_active(city, chance, day, *wanted)
        while one in named:
            one = draw_active(city, chance, day, *wanted)
        parties.append(enterprise_party(one, day, place))
    return tuple(parties)


def draw_active(city: City, chance: random.Random, day: datetime.date, *kinds: str) -> Enterprise:
    """An enterprise that was founded before a day and neither revoked nor deregistered up to it."""
    while True:
        one = city.draw_enterprise(chance, day, *kinds)
        if one.status_on is None or one.status_on > day:
            return one


def _draw_natural_person(city: City, chance: random.Random, day: datetime.date, place: int) -> Party:
    district = chance.choice(list(city.words["districts"]))
    division = city.words["districts"][district]
    return Party(None, draw_person(chance, city.words), draw_resident_id(chance, division), district, place, day)
