"""The words that the samples are composed of, kept as data in `words.json`: place, authorities, names, items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict, cast


class Licence(TypedDict):
    """One kind of licence; `months` is its term (0: without end), `number` the form of its document number."""

    name: str
    category: str
    holder: str
    weight: int
    months: int
    number: str
    content: str


class Product(TypedDict):
    """One group of inspected goods, each with its size or model in turn, and what its tests can fail on."""

    names: list[str]
    sizes: list[str]
    standard: str
    faults: list[str]


class Powers(TypedDict):
    """What the power list is composed of: (offence, law) and (kind, name, law)."""

    subjects: list[str]
    penalties: list[tuple[str, str]]
    others: list[tuple[str, str, str]]


class ComplaintKind(TypedDict):
    """A kind of goods or service, and what its buyers ask for."""

    name: str
    request: str


class Complaints(TypedDict):
    """What the complaints are composed of."""

    kinds: list[ComplaintKind]
    channels: list[str]
    goods: dict[str, str]


class Words(TypedDict):
    """All words, as `words.json` has them."""

    authority: str
    district_authority: str
    place: str
    place_code: str
    districts: dict[str, str]
    surnames: str
    given_names: str
    rare_names: list[str]
    mark: str
    brand_first: str
    brand_second: str
    rare_brands: list[str]
    trades: list[str]
    shop_trades: list[str]
    streets: list[str]
    scopes: list[str]
    licences: list[Licence]
    remarks: dict[str, str]
    inspection_title: str
    laboratories: list[str]
    maker_trades: list[str]
    makers: list[str]
    shops: list[str]
    trademarks: list[str]
    products: list[Product]
    powers: Powers
    complaints: Complaints


def read_words(path: Path) -> Words:
    """The words of a `words.json`."""
    return cast(Words, json.loads(path.read_text(encoding="utf-8")))
