"""Consumer complaints (消费投诉): the facts that the ledger, the statistics and the traders' notices show."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.enterprises import COOPERATIVE, Enterprise
from resource_catalog.samples.city.parties import draw_active
from resource_catalog.samples.city.people import draw_person
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days

#: The hotline is open on all days; complaints begin when there are traders enough to complain about.
FIRST_COMPLAINT, LAST_COMPLAINT = datetime.date(2015, 1, 26), datetime.date(2018, 2, 9)
_COMPLAINTS = 7000
#: A complaint is taken up or refused within seven working days, and closed within sixty days (按我们的理解).
_ANSWER_DAYS, _CLOSING_DAYS = 7, 40
#: Of a hundred complaints, so many are about the key traders, and so many are taken up.
_ABOUT_KEY_TRADERS, _TAKEN_UP = 25, 85
_KEY_TRADERS = 60
#: The amount in dispute, from and to, in 分.
_AMOUNT = (5_000, 3_000_000)


class ComplaintCategory(TypedDict):
    """A category of goods or services: how often it is complained about, the thing itself, what is demanded."""

    name: str
    weight: int
    thing: str
    request: str


class Words(TypedDict):
    """`words/complaint-handling.json`; `channels` and `results` have the weight of each, `solved` is one result."""

    categories: list[ComplaintCategory]
    channels: dict[str, int]
    results: dict[str, int]
    solved: str


@dataclass(frozen=True)
class Complaint:
    """One complaint; amounts in 元.

    `result`, `closed_on` and `recovered` are None for one that was refused, or still open on the city's last day.
    """

    number: int
    received_on: datetime.date
    channel: str
    complainant: str
    trader: Enterprise
    category: str
    request: str
    amount: Decimal
    accepted: bool
    answered_on: datetime.date
    result: str | None
    closed_on: datetime.date | None
    recovered: Decimal | None


def key_traders(city: City) -> tuple[Enterprise, ...]:
    """The traders whose complaints are made public one trader each (重点经营者): the first firms that are still there.

    A list, the same number in a city of any size. All were founded before the first complaint.
    """
    found: list[Enterprise] = []
    for one in city.enterprises():
        if one.status_on is None and not one.individual and one.kind != COOPERATIVE:
            found.append(one)
        if len(found) == _KEY_TRADERS:
            break
    return tuple(found)


def complaints(city: City) -> Iterator[Complaint]:
    """All complaints by the day on which they were received; their number grows with the city."""
    words: Words = city.words_of("complaint-handling")
    chance = city.chance("complaints")
    key = key_traders(city)
    total, days = _COMPLAINTS * city.scale, (LAST_COMPLAINT - FIRST_COMPLAINT).days + 1
    for at in range(total):
        received = FIRST_COMPLAINT + datetime.timedelta(days=at * days // total)
        yield _complaint(city, words, chance, key, at + 1, received)


def _complaint(
    city: City,
    words: Words,
    chance: random.Random,
    key: Sequence[Enterprise],
    number: int,
    received: datetime.date,
) -> Complaint:
    about_key = chance.randrange(100) < _ABOUT_KEY_TRADERS
    trader = chance.choice(key) if about_key else draw_active(city, chance, received)
    category = chance.choices(words["categories"], [each["weight"] for each in words["categories"]])[0]
    amount = Decimal(chance.randrange(*_AMOUNT)) / 100
    accepted = chance.randrange(100) < _TAKEN_UP
    answered = add_working_days(received, chance.randint(1, _ANSWER_DAYS))
    result, closed, recovered = _handling(words, chance, answered, amount) if accepted else (None, None, None)
    return Complaint(
        number=number,
        received_on=received,
        channel=chance.choices(list(words["channels"]), list(words["channels"].values()))[0],
        complainant=draw_person(chance, city.words),
        trader=trader,
        category=category["name"],
        request=category["request"].format(thing=category["thing"]),
        amount=amount,
        accepted=accepted,
        answered_on=answered,
        result=result,
        closed_on=closed,
        recovered=recovered,
    )


def _handling(
    words: Words, chance: random.Random, answered: datetime.date, amount: Decimal
) -> tuple[str | None, datetime.date | None, Decimal | None]:
    """Result, day of closing and loss recovered (元); what would be closed after the city's last day is still open."""
    result = chance.choices(list(words["results"]), list(words["results"].values()))[0]
    closed = add_working_days(answered, chance.randint(1, _CLOSING_DAYS))
    share = chance.randint(20, 100)
    if closed >= LAST_DAY:
        return None, None, None
    recovered = amount * share / 100 if result == words["solved"] else Decimal(0)
    return result, closed, recovered.quantize(Decimal("0.01"))
