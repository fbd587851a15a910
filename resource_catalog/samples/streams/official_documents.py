"""Official documents, their disclosure, and the marks of repeal (D14): a database, as an office system keeps them."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Stream, Table, provenance

_COLUMNS = (
    "doc_no", "title", "drafter", "signed_on", "openness", "reason", "url", "published_on", "needs_interpretation",
    "interpretation_url", "status", "status_on", "marked_on", *PROVENANCE,
)  # fmt: skip
_YEARS = (2015, 2016, 2017)
_FIRST, _LAST = datetime.date(2015, 1, 5), datetime.date(2017, 12, 29)
#: 政府信息公开条例 (2007) art. 18, and 沪工商办〔2017〕107号 三(一) for the marks: working days, both.
_CLOCK = 20


class DocumentMark(TypedDict):
    """What a mark before the year (机关代字) stands for: who drafts, about what."""

    drafter: str
    subjects: list[str]


class DocumentKind(TypedDict):
    """A kind of document (文种): how its titles begin, and how many of a hundred are of it."""

    verbs: list[str]
    weight: int


class DocumentWords(TypedDict):
    """`words/official-documents.json`; `interpreted` are the kinds that come with an interpretation (解读)."""

    number: str
    site: str
    interpretation_site: str
    title: str
    marks: dict[str, DocumentMark]
    kinds: dict[str, DocumentKind]
    interpreted: list[str]
    openness: dict[str, int]
    reasons: dict[str, list[str]]
    statuses: dict[str, int]


@dataclass(frozen=True)
class _Disclosure:
    openness: str
    reason: str | None
    published: datetime.date | None

    @property
    def active(self) -> bool:
        return self.published is not None and self.reason is None


@dataclass(frozen=True)
class _Standing:
    """In force, or no more since a day, as was marked on another."""

    status: str
    since: datetime.date | None = None
    marked: datetime.date | None = None


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("official-documents")
    words: DocumentWords = city.words_of("official-documents")
    for year in _YEARS:
        for place, mark in enumerate(words["marks"], start=1):
            first, last = max(_FIRST, datetime.date(year, 1, 1)), min(_LAST, datetime.date(year, 12, 31))
            signed = sorted(city.draw_day(chance, first, last) for _ in range(chance.randint(20, 32)))
            for number, day in enumerate(signed, start=1):
                yield _row(chance, words, mark, f"{place:02d}", number, day)


def _row(
    chance: random.Random, words: DocumentWords, mark: str, mark_code: str, number: int, signed: datetime.date
) -> Row:
    kind = chance.choices(list(words["kinds"]), [each["weight"] for each in words["kinds"].values()])[0]
    disclosure = _draw_disclosure(chance, words, signed)
    standing = _draw_standing(chance, words, disclosure.published or signed)
    place = {"year": signed.year, "mark_code": mark_code, "number": number}
    interpreted = disclosure.active and kind in words["interpreted"]
    drafter, subjects = words["marks"][mark]["drafter"], words["marks"][mark]["subjects"]
    verb = chance.choice(words["kinds"][kind]["verbs"])
    return (
        words["number"].format(mark=mark, year=signed.year, number=number),
        words["title"].format(verb=verb, subject=chance.choice(subjects), kind=kind),
        drafter,
        signed,
        disclosure.openness,
        disclosure.reason,
        words["site"].format(**place) if disclosure.active else None,
        disclosure.published,
        interpreted,
        words["interpretation_site"].format(**place) if interpreted else None,
        standing.status,
        standing.since,
        standing.marked,
        *_provenance(f"GW{signed.year}-{mark_code}-{number:03d}", signed, disclosure, standing),
    )


def _draw_disclosure(chance: random.Random, words: DocumentWords, signed: datetime.date) -> _Disclosure:
    """The first kind of openness needs no reason; the last is published nowhere."""
    kinds = list(words["openness"])
    openness = chance.choices(kinds, list(words["openness"].values()))[0]
    reason = None if openness == kinds[0] else chance.choice(words["reasons"][openness])
    published = None if openness == kinds[-1] else add_working_days(signed, chance.randint(1, _CLOCK))
    return _Disclosure(openness, reason, published)


def _draw_standing(chance: random.Random, words: DocumentWords, known: datetime.date) -> _Standing:
    """In force, unless a change was drawn that is marked before the sample ends."""
    status = chance.choices(list(words["statuses"]), list(words["statuses"].values()))[0]
    since = add_working_days(known, chance.randint(30, 400))
    marked = add_working_days(since, chance.randint(1, _CLOCK))
    in_force = next(iter(words["statuses"]))
    return _Standing(in_force) if status == in_force or marked >= LAST_DAY else _Standing(status, since, marked)


def _provenance(row_id: str, signed: datetime.date, disclosure: _Disclosure, standing: _Standing) -> Row:
    since, shown = standing.since or signed, standing.marked or disclosure.published
    version = 2 if standing.since else 1
    if disclosure.published is None or shown is None:
        return (row_id, version, since, None, None)
    return provenance(row_id, since, shown, version=version)


STREAM = Stream(
    "official-documents",
    _COLUMNS,
    Table("official-documents.sqlite", "official_documents", {"needs_interpretation": "INTEGER"}),
    _rows,
)
