"""The invented firms, shops and persons that the samples speak of."""

from __future__ import annotations

import random
from dataclasses import dataclass

from resource_catalog.samples.identifiers import (
    draw_organisation_code,
    draw_resident_id,
    registration_number,
    social_credit_code,
)
from resource_catalog.samples.words import Words

#: First digit of the registration number's order part (GS 15-2006): 0–3 domestic, 4–5 foreign, 6–9 individual trader.
_ORDER_DIGITS = {"domestic": "0123", "foreign": "45", "individual": "6789"}


@dataclass(frozen=True)
class Party:
    """A firm or an individual trader; `resident_id` is that of a trader, empty for a firm."""

    name: str
    person: str
    district: str
    organisation_code: str
    social_credit_code: str
    registration_number: str
    tax_number: str
    resident_id: str


def draw_person(chance: random.Random, words: Words) -> str:
    """A person's name; one in eighty holds a character that GBK lacks, as real registers do."""
    if chance.random() < 1 / 80:
        return chance.choice(words["rare_names"])
    return chance.choice(words["surnames"]) + "".join(chance.choices(words["given_names"], k=chance.choice((1, 2))))


def draw_brand(chance: random.Random, words: Words) -> str:
    """A firm's distinctive name (字号); one in a hundred holds a character that GBK lacks.

    It ends in the mark of a sample, or chance would hit upon the names of real firms.
    """
    brand = chance.choice(words["brand_first"]) + chance.choice(words["brand_second"])
    if chance.random() < 1 / 100:
        brand = chance.choice(words["rare_brands"])
    return brand + words["mark"]


def draw_party(chance: random.Random, words: Words, kind: str) -> Party:
    """A party of one kind: domestic, foreign or individual."""
    district = chance.choice(list(words["districts"]))
    division = words["districts"][district]
    person = draw_person(chance, words)
    organisation = draw_organisation_code(chance)
    order = chance.choice(_ORDER_DIGITS[kind]) + f"{chance.randrange(10**7):07d}"
    individual = kind == "individual"
    return Party(
        name=_draw_name(chance, words, kind, district),
        person=person,
        district=district,
        organisation_code=organisation,
        social_credit_code=social_credit_code("92" if individual else "91", division, organisation),
        registration_number=registration_number(division, order),
        tax_number=division + organisation,
        resident_id=draw_resident_id(chance, division) if individual else "",
    )


def _draw_name(chance: random.Random, words: Words, kind: str, district: str) -> str:
    brand = draw_brand(chance, words)
    if kind == "individual":
        return f"{words['place']}市{district}{brand}{chance.choice(words['shop_trades'])}"
    place = f"（{words['place']}）" if kind == "foreign" else ""
    head = "" if kind == "foreign" else words["place"]
    return f"{head}{brand}{chance.choice(words['trades'])}{place}有限公司"


def draw_address(chance: random.Random, words: Words, district: str) -> str:
    """A business address in a district, on a street that every town has."""
    return f"{words['place']}市{district}{chance.choice(words['streets'])}{chance.randrange(1, 999)}号"
