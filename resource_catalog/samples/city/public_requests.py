"""Requests for government information (依申请公开): what the ledger and its statistics are taken from."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.identifiers import draw_resident_id
from resource_catalog.samples.city.people import draw_person
from resource_catalog.samples.city.working_days import WORKING_DAYS, add_working_days, position

_REQUESTS = 1800
#: The first day leaves enterprises to ask about; the last answers close the last whole month.
_FIRST, _LAST_ANSWER = datetime.date(2015, 1, 19), datetime.date(2018, 1, 31)
#: 政府信息公开条例 (2007): working days to answer, and as many again where it was extended.
ANSWER_DAYS = 15


class RequestWords(TypedDict):
    """`words/public-requests.json`; `topics` has per code its weight and what is asked for."""

    channels: dict[str, int]
    citizen: str
    organisation: str
    answers: dict[str, int]
    topics: dict[str, tuple[int, str]]
    all_topics: str
    total: str


@dataclass(frozen=True)
class PublicRequest:
    """One request; `applicant`, `document` (resident number or credit code) and `contact` are personal."""

    req_id: str
    received: datetime.date
    channel: str
    applicant_kind: str
    applicant: str
    document: str
    contact: str
    subject: str
    extended: bool
    answered: datetime.date
    answer: str
    topic: str

    @property
    def in_time(self) -> bool:
        """Whether it was answered within the clock, extension included."""
        return self.answered <= add_working_days(self.received, ANSWER_DAYS * (2 if self.extended else 1))


def public_requests(city: City) -> Iterator[PublicRequest]:
    """All requests by the day of receipt; their number grows with the city, and every one is answered."""
    chance = city.chance("public-requests")
    words: RequestWords = city.words_of("public-requests")
    first, total = position(_FIRST), _REQUESTS * city.scale
    days = position(_LAST_ANSWER) - first
    year, number = 0, 0
    for at in range(total):
        received = WORKING_DAYS[first + at * days // total]
        number = number + 1 if received.year == year else 1
        year = received.year
        yield _request(city, words, chance, received, f"SQ{year}-{number:05d}")


def _request(
    city: City, words: RequestWords, chance: random.Random, received: datetime.date, req_id: str
) -> PublicRequest:
    topics = words["topics"]
    topic = chance.choices(list(topics), [weight for weight, _ in topics.values()])[0]
    kind, applicant, document = _applicant(city, words, chance, received)
    extended, answered = _answer_day(chance, received)
    return PublicRequest(
        req_id=req_id,
        received=received,
        channel=chance.choices(list(words["channels"]), list(words["channels"].values()))[0],
        applicant_kind=kind,
        applicant=applicant,
        document=document,
        contact=f"1380000{chance.randrange(10_000):04d}",
        subject=topics[topic][1].format(firm=city.draw_enterprise(chance, received).name),
        extended=extended,
        answered=answered,
        answer=chance.choices(list(words["answers"]), list(words["answers"].values()))[0],
        topic=topic,
    )


def _applicant(city: City, words: RequestWords, chance: random.Random, received: datetime.date) -> tuple[str, str, str]:
    """Kind, name, and number of the document that proves who it is."""
    if chance.randrange(4):
        division = chance.choice(list(city.words["districts"].values()))
        return words["citizen"], draw_person(chance, city.words), draw_resident_id(chance, division)
    firm = city.draw_enterprise(chance, received)
    return words["organisation"], firm.name, firm.social_credit_code


def _answer_day(chance: random.Random, received: datetime.date) -> tuple[bool, datetime.date]:
    """Whether the answer was extended, and its day; a request that came late was answered within what was left."""
    left = position(_LAST_ANSWER) - position(received)
    extended = left > ANSWER_DAYS and chance.randrange(12) == 0
    earliest = ANSWER_DAYS + 1 if extended else 1
    latest = min(left, ANSWER_DAYS * 2 if extended else ANSWER_DAYS)
    return extended, add_working_days(received, chance.randint(earliest, latest))
