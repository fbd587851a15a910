"""Licensing decisions (行政许可): the facts that double publicity and the enterprises' records show."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from resource_catalog.samples.city.authorities import Authority, city_authority
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import (
    State,
    decision_days,
    draw_authority,
    draw_publication,
    draw_state,
    months_after,
)
from resource_catalog.samples.city.enterprises import FOREIGN, Enterprise
from resource_catalog.samples.city.parties import Party, draw_parties, enterprise_party
from resource_catalog.samples.city.working_days import WORKING_DAYS

#: Of a hundred foundings, so many have their licence here: enough for a sample.
_SHOWN_FOUNDINGS = 30
#: Other decisions a day, first and last, at scale 1.
_PACE = (0.5, 6.5)


class LicenceWords(TypedDict):
    """A kind of licence: `parties` are the kinds of enterprise (or 自然人) of each party; `months` 0: without end.

    `number` is a pattern of document numbers, or `numeric` for the registries' twenty digits.
    """

    name: str
    category: str
    parties: list[list[str]]
    weight: int
    months: int
    number: str
    notice: str
    certificate: str
    content: str


class Words(TypedDict):
    """`words/administrative-licences.json`."""

    establishments: list[LicenceWords]
    licences: list[LicenceWords]
    remarks: dict[str, str]


@dataclass(frozen=True)
class LicenceDecision:
    """One decision as it concerns one party: several share `number` and document number where it names several."""

    number: int
    document_number: str
    title: str
    category: str
    content: str
    notice: str
    certificate: str
    party: Party
    authority: Authority
    decided_on: datetime.date
    published_on: datetime.date
    ends_on: datetime.date
    state: State
    establishment: bool

    @property
    def enterprise(self) -> Enterprise | None:
        """The enterprise that it concerns; None where it is a natural person."""
        return self.party.enterprise


def licence_decisions(city: City) -> Iterator[LicenceDecision]:
    """All licensing decisions of the city: establishments by day of founding, then the others by day of decision."""
    words: Words = city.words_of("administrative-licences")
    number = 0
    for number, decision in enumerate(_establishments(city, words), start=1):  # noqa: B007 - the others count on
        yield decision
    yield from _others(city, words, number)


def _establishments(city: City, words: Words) -> Iterator[LicenceDecision]:
    """Decided on the enterprise's founding day."""
    chance = city.chance("licences establishments")
    kinds = {kind: each for each in words["establishments"] for kind in each["parties"][0]}
    number, ordinal, day = 0, 0, WORKING_DAYS[0]
    for founding in range(city.size):
        if chance.randrange(100) >= _SHOWN_FOUNDINGS:
            continue
        one = city.enterprise(founding)
        number, ordinal = number + 1, ordinal + 1 if one.founded == day else 1
        day = one.founded
        parties = (enterprise_party(one, day),)
        document = _document_number(kinds[one.kind], day, number, f"1{ordinal:04d}")
        yield from _decision(city, chance, kinds[one.kind], parties, number, document, establishment=True)


def _others(city: City, words: Words, number: int) -> Iterator[LicenceDecision]:
    chance = city.chance("licences")
    kinds = words["licences"]
    weights = [kind["weight"] for kind in kinds]
    for day, ordinal in decision_days(city, chance, *_PACE):
        number += 1
        kind = chance.choices(kinds, weights)[0]
        parties = draw_parties(city, chance, day, kind["parties"])
        document = _document_number(kind, day, number, f"2{ordinal:04d}")
        yield from _decision(city, chance, kind, parties, number, document, establishment=False)


def _document_number(kind: LicenceWords, day: datetime.date, number: int, ordinal: str) -> str:
    if kind["number"] == "numeric":
        # Digits that begin with zeros, as registries print them: a number type would lose both ends.
        return f"0000002{day:%Y%m%d}{ordinal}"
    return kind["number"].format(year=day.year, number=number)


def _decision(
    city: City,
    chance: random.Random,
    kind: LicenceWords,
    parties: tuple[Party, ...],
    number: int,
    document: str,
    *,
    establishment: bool,
) -> Iterator[LicenceDecision]:
    words: Words = city.words_of("administrative-licences")
    first = parties[0]
    day = first.decided_on
    published = draw_publication(chance, day)
    foreign = first.enterprise is not None and first.enterprise.kind == FOREIGN
    authority = city_authority(city.words) if foreign else draw_authority(city, chance, first.district, day)
    content = _content(chance, kind, first)
    state = draw_state(chance, words["remarks"], published)
    for party in parties:
        yield LicenceDecision(
            number=number,
            document_number=document,
            title=kind["name"],
            category=kind["category"],
            content=content,
            notice=kind["notice"],
            certificate=kind["certificate"],
            party=party,
            authority=authority,
            decided_on=day,
            published_on=published,
            ends_on=months_after(day, kind["months"]),
            state=state,
            establishment=establishment,
        )


def _content(chance: random.Random, kind: LicenceWords, party: Party) -> str:
    """What was licensed: a change led to what the register says now."""
    one = party.enterprise
    if one is None:
        return kind["content"]
    return kind["content"].format(
        scope=one.scope,
        address=one.address,
        person=one.legal_person,
        name=one.name,
        amount=chance.randrange(10, 5000, 10),
    )
