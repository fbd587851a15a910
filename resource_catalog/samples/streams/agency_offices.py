"""The agency's offices (工商局相关机构, in the plan of 2014): the bureau, its sections, the districts, the stations."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from resource_catalog.samples.city.authorities import city_authority, district_authority
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.people import draw_address
from resource_catalog.samples.city.working_days import FIRST_DAY, LAST_DAY, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream, provenance

_COLUMNS = (
    "office_code", "name", "kind", "parent_code", "uscc", "district", "address", "office_phone", *PROVENANCE,
)  # fmt: skip
#: How many stations a district has, from and to.
_STATIONS = (11, 16)


class OfficeWords(TypedDict):
    """`words/agency-offices.json`; `numerals` count the stations of a district from one."""

    kinds: dict[str, str]
    sections: list[str]
    station: str
    numerals: list[str]
    seat: str
    phone: str


@dataclass(frozen=True)
class _Office:
    code: str
    name: str
    kind: str
    parent: str | None
    social_credit_code: str | None
    district: str
    since: date
    version: int


def _offices(city: City, words: OfficeWords, chance: random.Random) -> Iterator[_Office]:
    authority = city_authority(city.words)
    kinds, seat = words["kinds"], words["seat"]
    head = f"{city.words['place_code']}-000"
    yield _Office(head, authority.name, kinds["bureau"], None, authority.code, seat, FIRST_DAY, 1)
    for number, section in enumerate(words["sections"], start=1):
        code = f"{city.words['place_code']}-{number:03d}"
        yield _Office(code, section, kinds["section"], head, None, seat, FIRST_DAY, 1)
    for district in city.words["districts"]:
        yield from _offices_of_district(city, words, chance, head, district)


def _offices_of_district(
    city: City, words: OfficeWords, chance: random.Random, head: str, district: str
) -> Iterator[_Office]:
    """The district's bureau and stations; both got a new name, and a second version, when the district was renamed."""
    authority = district_authority(city.words, district, LAST_DAY)
    division, kinds = city.words["districts"][district], words["kinds"]
    former = city.words["former_divisions"].get(district)
    since = date.fromisoformat(former["until"]) + timedelta(days=1) if former else FIRST_DAY
    version = 2 if former else 1
    bureau = f"{division}-000"
    yield _Office(bureau, authority.name, kinds["district"], head, authority.code, district, since, version)
    for number, numeral in enumerate(words["numerals"][: chance.randint(*_STATIONS)], start=1):
        name = words["station"].format(authority=authority.name, numeral=numeral)
        yield _Office(f"{division}-{number:03d}", name, kinds["station"], bureau, None, district, since, version)


def _rows(city: City) -> Iterator[Row]:
    words: OfficeWords = city.words_of("agency-offices")
    chance = city.chance("agency-offices")
    seat = draw_address(chance, city.words, words["seat"])
    for number, office in enumerate(_offices(city, words, chance)):
        in_seat = office.kind in (words["kinds"]["bureau"], words["kinds"]["section"])
        yield (
            office.code,
            office.name,
            office.kind,
            office.parent,
            office.social_credit_code,
            office.district,
            seat if in_seat else draw_address(chance, city.words, office.district),
            words["phone"].format(line=f"{number:04d}"),
            *provenance(f"JG-{office.code}", office.since, add_working_days(office.since, 5), version=office.version),
        )


STREAM = Stream("agency-offices", _COLUMNS, Delimited("agency-offices.csv", encoding="utf-8-sig"), _rows)
