"""The words that the city is composed of, kept as data in `words/`: places, names, trades."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict, cast


class Kind(TypedDict):
    """A kind of enterprise: its share, the first two characters of its code, the first digits of its order number."""

    weight: int
    prefix: str
    order: str


class FormerDivision(TypedDict):
    """What a district was called, and its code, up to a day."""

    name: str
    code: str
    until: str


class Renumbering(TypedDict):
    """From a day on, other codes for the same industries (an edition of GB/T 4754 that replaces another)."""

    since: str
    codes: dict[str, str]


class CityWords(TypedDict):
    """`words/city.json`."""

    authority: str
    district_authority: str
    place: str
    place_code: str
    districts: dict[str, str]
    former_divisions: dict[str, FormerDivision]
    surnames: str
    given_names: str
    rare_names: list[str]
    mark: str
    brand_first: str
    brand_second: str
    rare_brands: list[str]
    trades: list[str]
    shop_trades: list[str]
    cooperative_trades: list[str]
    industries: dict[str, str]
    renumbered_industries: Renumbering
    kinds: dict[str, Kind]
    statuses: dict[str, int]
    streets: list[str]
    scopes: dict[str, list[str]]


def read_words(folder: Path, name: str) -> Any:
    """The words of one file; what is in it is the reader's to say."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def read_city_words(folder: Path) -> CityWords:
    """The city's own words."""
    return cast(CityWords, read_words(folder, "city"))
