"""Names of people and firms that nobody bears."""

from __future__ import annotations

import random

from resource_catalog.samples.city.words import CityWords

#: Brings numbers that follow each other to names that don't; it has no factor in common with what it is taken by.
_SPREAD = 7919


def draw_person(chance: random.Random, words: CityWords) -> str:
    """A person's name; one in eighty holds a character that GBK lacks, as real registers do."""
    if chance.random() < 1 / 80:
        return chance.choice(words["rare_names"])
    return chance.choice(words["surnames"]) + "".join(chance.choices(words["given_names"], k=chance.choice((1, 2))))


def draw_brand(chance: random.Random, words: CityWords) -> str:
    """A firm's distinctive name (字号); one in a hundred holds a character that GBK lacks.

    It ends in the mark of a sample, or chance would hit upon the names of real firms.
    """
    brand = chance.choice(words["brand_first"]) + chance.choice(words["brand_second"])
    if chance.random() < 1 / 100:
        brand = chance.choice(words["rare_brands"])
    return brand + words["mark"]


def brand_of(chance: random.Random, words: CityWords, number: int) -> str:
    """The distinctive name of the firm of a number: no two of the first 12,000 have the same, whatever their trade."""
    first, second = words["brand_first"], words["brand_second"]
    rest, at = divmod(number * _SPREAD % (len(first) * len(second) ** 2), len(first))
    start = chance.choice(words["rare_brands"])[0] if chance.random() < 1 / 100 else first[at]
    middle, end = divmod(rest, len(second))
    return f"{start}{second[middle]}{second[end]}{words['mark']}"


def draw_address(chance: random.Random, words: CityWords, district: str) -> str:
    """A business address in a district, on a street that every town has."""
    return f"{words['place']}市{district}{chance.choice(words['streets'])}{chance.randrange(1, 999)}号"
