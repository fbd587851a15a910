"""The agency's powers and duties: a list that is the same in a city of any size, with its last changes."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import add_working_days

#: In a hundred powers: how many were changed since the list was first published.
_CHANGED = 25
#: The clock of changes: they are published within so many working days.
_PUBLICITY_DAYS = 20


class LawWords(TypedDict):
    """What a law gives power to: every matter against every subject.

    `since` is the day on which the law came, "" if before the list was first published.
    """

    since: str
    kind: str
    level: str
    basis: str
    name: str
    subjects: list[str]
    matters: list[str]


class DutyWords(TypedDict):
    """A duty that comes with every power of a kind, and whom neglect makes answer by what law."""

    duty: str
    accountability: str


class Words(TypedDict):
    """`words/power-list.json`; `duties` by kind of power, `phones` by level."""

    code: str
    first_published: str
    letters: dict[str, str]
    changes: dict[str, int]
    added: str
    cancelled: str
    in_force: str
    laws: list[LawWords]
    duties: dict[str, list[DutyWords]]
    phones: dict[str, str]


@dataclass(frozen=True)
class Power:
    """One power; `change` and `changed_on` are None where it stands as first published."""

    number: int
    code: str
    name: str
    kind: str
    basis: str
    subject: str
    level: str
    change: str | None
    changed_on: datetime.date | None
    status: str
    version: int
    valid_from: datetime.date
    published_on: datetime.date


@dataclass(frozen=True)
class Duty:
    """A duty of the agency that comes with a power; `number` counts from 1 within the power."""

    power: Power
    number: int
    duty: str
    accountability: str
    supervision_phone: str


def powers(city: City) -> Iterator[Power]:
    """All powers in the order of their laws."""
    words: Words = city.words_of("power-list")
    chance = city.chance("power-list")
    number = 0
    for law in words["laws"]:
        for subject in law["subjects"]:
            for matter in law["matters"]:
                number += 1
                yield _power(city, chance, law, number, subject, matter)


def _power(city: City, chance: random.Random, law: LawWords, number: int, subject: str, matter: str) -> Power:
    words: Words = city.words_of("power-list")
    first = datetime.date.fromisoformat(words["first_published"])
    change, changed_on = _draw_change(city, chance, law, first)
    return Power(
        number=number,
        code=words["code"].format(
            letter=words["letters"][law["kind"]], number=number, division=city.words["place_code"]
        ),
        name=law["name"].format(subject=subject, matter=matter),
        kind=law["kind"],
        basis=law["basis"],
        subject=subject,
        level=law["level"],
        change=change,
        changed_on=changed_on,
        status=words["cancelled"] if change == words["cancelled"] else words["in_force"],
        # A power that was added has no version before the change.
        version=1 if change in (None, words["added"]) else 2,
        valid_from=changed_on or first,
        published_on=add_working_days(changed_on, chance.randint(1, _PUBLICITY_DAYS)) if changed_on else first,
    )


def _draw_change(
    city: City, chance: random.Random, law: LawWords, first: datetime.date
) -> tuple[str, datetime.date] | tuple[None, None]:
    words: Words = city.words_of("power-list")
    if law["since"]:
        return words["added"], datetime.date.fromisoformat(law["since"])
    if chance.randrange(100) >= _CHANGED:
        return None, None
    change = chance.choices(list(words["changes"]), list(words["changes"].values()))[0]
    return change, city.draw_day(chance, first + datetime.timedelta(days=1), datetime.date(2018, 1, 26))


def duties(city: City) -> Iterator[Duty]:
    """The duties of every power, in the order of the powers."""
    words: Words = city.words_of("power-list")
    for power in powers(city):
        for number, each in enumerate(words["duties"][power.kind], start=1):
            yield Duty(power, number, each["duty"], each["accountability"], words["phones"][power.level])
