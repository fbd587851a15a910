"""What licences and penalties have in common: their editions, their pace, their states, who decides."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resource_catalog.samples.city.authorities import Authority, city_authority, district_authority
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import LAST_DAY, WORKING_DAYS, add_working_days

#: Decisions from this day on are written in the edition of 2018, those before it in that of 2015. Sources give only the
#: year (standards.md 4): the day is the sample's own.
EDITION_2018_FROM = datetime.date(2018, 1, 1)
#: How the registers write "without end" (长期).
WITHOUT_END = datetime.date(2099, 12, 31)
NORMAL, REVOKED, DISPUTED, OTHER = "0", "1", "2", "3"

_PUBLICITY_WORKING_DAYS = 7
#: On the first days of the city there are too few enterprises to draw from.
_FIRST = 10
#: In a hundred decisions of enterprises: how many the city's authority makes itself.
_BY_THE_CITY = 30


@dataclass(frozen=True)
class State:
    """当前状态: its code, a remark that explains it, and the day of the change; None while it is normal."""

    code: str
    remark: str
    changed_on: datetime.date | None

    @property
    def version(self) -> int:
        """A change of state makes a second version of the record."""
        return 2 if self.changed_on else 1


def decision_days(city: City, chance: random.Random, first: float, last: float) -> Iterator[tuple[datetime.date, int]]:
    """(day, ordinal of the decision on it) for every decision of the city, in order.

    Decisions grow with the city: at scale 1 there are on average `first` on the first day and `last` on the last.
    """
    for at in range(_FIRST, len(WORKING_DAYS)):
        expected = city.scale * (first + (last - first) * at / len(WORKING_DAYS))
        count = int(expected) + (chance.random() < expected % 1)
        for ordinal in range(1, count + 1):
            yield WORKING_DAYS[at], ordinal


def draw_publication(chance: random.Random, decided: datetime.date) -> datetime.date:
    """A working day within the seven after the decision that double publicity gives."""
    return add_working_days(decided, chance.randrange(1, _PUBLICITY_WORKING_DAYS + 1))


def draw_state(chance: random.Random, remarks: Mapping[str, str], published: datetime.date) -> State:
    """A decision's state on the city's last day: normal in 96 of 100 cases."""
    code = chance.choices((NORMAL, REVOKED, DISPUTED, OTHER), weights=(960, 15, 10, 15))[0]
    changed = add_working_days(published, chance.randrange(5, 120))
    if code == NORMAL or changed >= LAST_DAY:
        return State(NORMAL, "", None)
    return State(code, remarks[code], changed)


def draw_authority(city: City, chance: random.Random, district: str, day: datetime.date) -> Authority:
    """Who decides a matter of a district: mostly the district's own authority, else the city's."""
    if chance.randrange(100) < _BY_THE_CITY:
        return city_authority(city.words)
    return district_authority(city.words, district, day)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The day so many months later, at most the 28th; WITHOUT_END where there are none."""
    if months == 0:
        return WITHOUT_END
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, 28))
