"""Penalty decisions (行政处罚): the facts that double publicity, typical cases and enterprises' records show.

Decisions by simple procedure are left out, as general procedure alone is published (总局令第71号).
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypedDict

from resource_catalog.samples.city.authorities import Authority, city_authority
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import (
    NORMAL,
    State,
    decision_days,
    draw_authority,
    draw_publication,
    draw_state,
)
from resource_catalog.samples.city.enterprises import Enterprise
from resource_catalog.samples.city.parties import Party, draw_parties, enterprise_party

FINE = "罚款"
CONFISCATION = "没收违法所得、没收非法财物"
REVOCATION = "暂扣或者吊销许可证、暂扣或者吊销执照"
REVOKED_STATUS = "吊销"

#: Decisions a day, first and last, at scale 1.
_PACE = (2.2, 6.6)
_CENT, _YUAN = Decimal("0.01"), Decimal(1)
#: The turnover of an offence, from and to, in 分.
_TURNOVER = (100_000, 6_000_000)


class OffenceWords(TypedDict):
    """A kind of offence: `parties` are the kinds of enterprise (or 自然人) of each party.

    `since` and `until` are days of the law that it rests on ("" is open), both included. A fine lies between the two of
    `fine` in 元, or of `percent` of the turnover (非法经营额).
    """

    title: str
    behaviour: str
    parties: list[list[str]]
    weight: int
    since: str
    until: str
    facts: str
    basis: str
    kinds: list[str]
    fine: list[int]
    percent: list[int]


class Words(TypedDict):
    """`words/administrative-penalties.json`; `results` says in the decision's words what a kind of penalty is."""

    offences: list[OffenceWords]
    revocations: list[OffenceWords]
    results: dict[str, str]
    licence: str
    number_of_city: str
    number_of_district: str
    remarks: dict[str, str]


@dataclass(frozen=True)
class PenaltyDecision:
    """One decision as it concerns one party: several share `number` and document number where it names several.

    `fine` and `confiscated` in 元, 0 where there is none; `licence` is the revoked one, "" where there is none.
    """

    number: int
    document_number: str
    title: str
    behaviour: str
    facts: str
    basis: str
    kinds: tuple[str, ...]
    result: str
    fine: Decimal
    confiscated: Decimal
    licence: str
    party: Party
    authority: Authority
    decided_on: datetime.date
    published_on: datetime.date
    state: State

    @property
    def enterprise(self) -> Enterprise | None:
        """The enterprise that it concerns; None where it is a natural person."""
        return self.party.enterprise

    @property
    def revocation(self) -> bool:
        """Whether it takes the business licence away."""
        return REVOCATION in self.kinds


def penalty_decisions(city: City) -> Iterator[PenaltyDecision]:
    """All penalty decisions of the city: by day of decision, then those that revoked a business licence.

    Each enterprise with the status 吊销 has one revocation, of the day of that status; no other has one.
    """
    number = 0
    for number, decisions in enumerate(_fines(city), start=1):
        yield from (_numbered(city, number, *each) for each in decisions)
    yield from _revocations(city, number)


@dataclass(frozen=True)
class _Setting:
    """What all parties of a decision share; the turnover in 元."""

    offence: OffenceWords
    authority: Authority
    decided_on: datetime.date
    published_on: datetime.date
    state: State
    turnover: Decimal


@dataclass(frozen=True)
class _Amounts:
    """What one party pays or loses."""

    fine: Decimal
    confiscated: Decimal


_Decision = tuple[_Setting, Party, _Amounts]


def _fines(city: City) -> Iterator[Sequence[_Decision]]:
    words: Words = city.words_of("administrative-penalties")
    chance = city.chance("penalties")
    for day, _ in decision_days(city, chance, *_PACE):
        offence = _draw_offence(chance, words["offences"], day)
        parties = draw_parties(city, chance, day, offence["parties"])
        setting = _draw_setting(city, chance, offence, parties[0].district, day)
        yield [(setting, party, _draw_amounts(chance, setting)) for party in parties]


def _revocations(city: City, number: int) -> Iterator[PenaltyDecision]:
    words: Words = city.words_of("administrative-penalties")
    chance = city.chance("penalties revocations")
    offences = {kind: each for each in words["revocations"] for kind in each["parties"][0]}
    for one in city.enterprises():
        if one.status != REVOKED_STATUS or one.status_on is None:
            continue
        number += 1
        setting = _draw_setting(city, chance, offences[one.kind], one.district, one.status_on)
        # A revoked licence stays revoked: the register says so.
        setting = replace(setting, state=State(NORMAL, "", None))
        yield _numbered(city, number, setting, enterprise_party(one, one.status_on), _draw_amounts(chance, setting))


def _draw_offence(chance: random.Random, offences: Sequence[OffenceWords], day: datetime.date) -> OffenceWords:
    """One of those whose law is in force on the day."""
    written = day.isoformat()
    known = [each for each in offences if each["since"] <= written <= (each["until"] or written)]
    return chance.choices(known, [each["weight"] for each in known])[0]


def _draw_setting(
    city: City, chance: random.Random, offence: OffenceWords, district: str, day: datetime.date
) -> _Setting:
    words: Words = city.words_of("administrative-penalties")
    published = draw_publication(chance, day)
    authority = draw_authority(city, chance, district, day)
    state = draw_state(chance, words["remarks"], published)
    turnover = (Decimal(chance.randrange(*_TURNOVER)) / 100).quantize(_CENT)
    return _Setting(offence, authority, day, published, state, turnover)


def _draw_amounts(chance: random.Random, setting: _Setting) -> _Amounts:
    """What is confiscated stays below half the turnover, as a decision may name two parties."""
    offence = setting.offence
    fine = gain = Decimal(0)
    if CONFISCATION in offence["kinds"]:
        gain = (setting.turnover * chance.randrange(10, 50) / 100).quantize(_CENT)
    if offence["fine"]:
        fine = Decimal(chance.randrange(offence["fine"][0], offence["fine"][1] + 1, 100))
    elif offence["percent"]:
        fine = (setting.turnover * chance.randrange(*offence["percent"]) / 100).quantize(_YUAN)
    return _Amounts(fine, gain)


def _numbered(city: City, number: int, setting: _Setting, party: Party, amounts: _Amounts) -> PenaltyDecision:
    words: Words = city.words_of("administrative-penalties")
    offence = setting.offence
    licence = ""
    if party.enterprise and REVOCATION in offence["kinds"]:
        licence = words["licence"].format(number=party.enterprise.registration_number)
    results = [
        words["results"][kind].format(fine=amounts.fine, confiscated=amounts.confiscated, licence=licence)
        for kind in offence["kinds"]
    ]
    return PenaltyDecision(
        number=number,
        document_number=_document_number(city, words, number, setting),
        title=offence["title"],
        behaviour=offence["behaviour"],
        facts=offence["facts"].format(turnover=setting.turnover),
        basis=offence["basis"],
        kinds=tuple(offence["kinds"]),
        result="；".join(results) + "。",
        fine=amounts.fine,
        confiscated=amounts.confiscated,
        licence=licence,
        party=party,
        authority=setting.authority,
        decided_on=setting.decided_on,
        published_on=setting.published_on,
        state=setting.state,
    )


def _document_number(city: City, words: Words, number: int, setting: _Setting) -> str:
    by_city = setting.authority == city_authority(city.words)
    pattern = words["number_of_city"] if by_city else words["number_of_district"]
    # A district's word is the third to eighth character of its code: unique, and no name to be cut.
    return pattern.format(year=setting.decided_on.year, number=number, division=setting.authority.code[2:8])
