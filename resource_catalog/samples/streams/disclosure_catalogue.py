"""The basic catalogue of what is disclosed unasked (D17): two levels of headings, merged cells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "category", "item_name", "content", "item_code", "basis", "time_limit", "owner", "channel", "audience",
    *PROVENANCE,
)  # fmt: skip


class CatalogueCategory(TypedDict):
    """One category: every item is disclosed with each of the contents."""

    owner: str
    basis: str
    time_limit: str
    channel: str
    items: list[str]
    contents: list[str]


class Span(TypedDict):
    """Days from `first` to `last`, ISO."""

    first: str
    last: str


class CatalogueWords(TypedDict):
    """`words/disclosure-catalogue.json`; `audiences` are everyone, and those whom a narrow category concerns."""

    audiences: tuple[str, str]
    narrow_categories: list[str]
    published: Span
    revised: Span
    categories: dict[str, CatalogueCategory]


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("disclosure-catalogue")
    words: CatalogueWords = city.words_of("disclosure-catalogue")
    for place, (name, category) in enumerate(words["categories"].items(), start=1):
        first = _draw_day(city, chance, words["published"])
        for at, item in enumerate(category["items"], start=1):
            for number, content in enumerate(category["contents"], start=1):
                code = f"{place:02d}-{at:02d}-{number:02d}"
                changed = chance.randrange(12) == 0
                since = _draw_day(city, chance, words["revised"]) if changed else first
                yield (
                    name,
                    item,
                    content,
                    code,
                    category["basis"],
                    category["time_limit"],
                    category["owner"],
                    category["channel"],
                    words["audiences"][name in words["narrow_categories"]],
                    *provenance(f"ML-{code}", since, since, version=2 if changed else 1),
                )


def _draw_day(city: City, chance: random.Random, span: Span) -> date:
    return city.draw_day(chance, date.fromisoformat(span["first"]), date.fromisoformat(span["last"]))


STREAM = Stream(
    "disclosure-catalogue",
    _COLUMNS,
    Sheet(
        "disclosure-catalogue.xlsx",
        "基本目录",
        title="主动公开基本目录（示例数据，非真实）",
        subtitle="编制单位：办公室",
        groups={
            **dict.fromkeys(("category", "item_name", "content", "item_code"), "事项"),
            **dict.fromkeys(("basis", "time_limit"), "要求"),
            **dict.fromkeys(("owner", "channel", "audience"), "方式"),
            **dict.fromkeys(PROVENANCE, "记录"),
        },
        notes=("注：依据的条款按我们的理解，以法律、法规原文为准。", "填表：办公室"),
        merged=("category", "item_name"),
    ),
    _rows,
)
