"""Identifiers whose check characters are right and whose bodies belong to nobody.

Organisation codes begin with Y, which no registering authority uses; residents were born in the 19th century. So a
sample satisfies every validator, and names no real firm or person.
"""

from __future__ import annotations

import datetime
import random

SOCIAL_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def organisation_code(body: str) -> str:
    """Eight characters of 0-9A-Z and their check character (组织机构代码, GB 11714)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True))
    return body + "0123456789X0"[11 - total % 11]


def social_credit_code(kind: str, division: str, organisation: str) -> str:
    """Authority and kind (2), division (6), organisation code (9), check (1): 统一社会信用代码, GB 32100-2015."""
    body = kind + division + organisation
    total = sum(SOCIAL_CREDIT_ALPHABET.index(character) * 3**place for place, character in enumerate(body))
    return body + SOCIAL_CREDIT_ALPHABET[-total % 31]


def registration_number(authority: str, order: str) -> str:
    """Authority (6), order number (8), check (1): 工商注册号, GS 15-2006, by ISO 7064 MOD 11,10."""
    product = 10
    for digit in authority + order:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return f"{authority}{order}{(11 - product) % 10}"


def resident_id(division: str, born: datetime.date, order: int) -> str:
    """Division (6), birth date (8), order number (3; odd: male), check (1): 公民身份号码, GB 11643-1999."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    body = f"{division}{born:%Y%m%d}{order:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def draw_organisation_code(chance: random.Random) -> str:
    """An organisation code out of the block that no authority issues."""
    return organisation_code(f"Y{chance.randrange(10**7):07d}")


def draw_resident_id(chance: random.Random, division: str) -> str:
    """The number of a resident born between 1880 and 1899."""
    born = datetime.date(1880, 1, 1) + datetime.timedelta(days=chance.randrange(7000))
    return resident_id(division, born, chance.randrange(1, 1000))
