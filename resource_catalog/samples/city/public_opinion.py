"""Public opinion about the agency (政务舆情) and the answers: what the ledger and its public results are taken from."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.people import draw_person
from resource_catalog.samples.city.working_days import add_working_days

_CASES = 320
_FIRST, _LAST = datetime.date(2015, 1, 19), datetime.date(2018, 1, 31)
#: Work points 沪工商办〔2017〕107号 三(一)3: hours on the clock from the occurrence, holidays included.
AUTHORITY_HOURS, PRESS_HOURS = 5, 24
MAJOR = "重大"
#: Of ten answers, so many are public.
_PUBLIC_IN_TEN = 8


class OpinionWords(TypedDict):
    """`words/public-opinion.json`; `topics` has per code the section that answers and what is said."""

    severities: dict[str, int]
    topics: dict[str, tuple[str, str]]
    sources: list[str]
    channels: list[str]
    briefing: str
    results: list[str]
    posters: list[str]
    assessment: str
    opinions: list[str]
    site: str


@dataclass(frozen=True)
class OpinionCase:
    """One case of public opinion; `url` and `published` are those of a public answer, empty and None without one."""

    case_id: str
    topic: str
    severity: str
    source: str
    occurred: datetime.datetime
    first_report: datetime.datetime
    authority: datetime.datetime
    press: datetime.datetime | None
    channel: str
    department: str
    handler: str
    poster: str
    assessment: str
    result: str
    url: str
    closed: datetime.date
    published: datetime.date | None


def opinion_cases(city: City) -> Iterator[OpinionCase]:
    """All cases by the day of occurrence; their number grows with the city."""
    chance = city.chance("public-opinion")
    words: OpinionWords = city.words_of("public-opinion")
    total, days = _CASES * city.scale, (_LAST - _FIRST).days + 1
    year, number = 0, 0
    for at in range(total):
        day = _FIRST + datetime.timedelta(days=at * days // total)
        number = number + 1 if day.year == year else 1
        year = day.year
        yield _case(city, words, chance, day, f"YQ{year}-{number:05d}")


def _case(city: City, words: OpinionWords, chance: random.Random, day: datetime.date, case_id: str) -> OpinionCase:
    topic = chance.choice(list(words["topics"]))
    department, event = words["topics"][topic]
    severity = chance.choices(list(words["severities"]), list(words["severities"].values()))[0]
    occurred, first_report, authority, press = _moments(chance, day, severity)
    # Counted from the answer, which may come on the day after the occurrence.
    closed = add_working_days((press or authority).date(), chance.randint(1, 12))
    public = chance.randrange(10) < _PUBLIC_IN_TEN
    return OpinionCase(
        case_id=case_id,
        topic=topic,
        severity=severity,
        source=chance.choice(words["sources"]),
        occurred=occurred,
        first_report=first_report,
        authority=authority,
        press=press,
        channel=words["briefing"] if press else chance.choice(words["channels"]),
        department=department,
        handler=draw_person(chance, city.words),
        poster=chance.choice(words["posters"]).format(person=draw_person(chance, city.words)),
        assessment=words["assessment"].format(event=event, opinion=chance.choice(words["opinions"])),
        result=chance.choice(words["results"]),
        url=words["site"].format(case=case_id) if public else "",
        closed=closed,
        published=add_working_days(closed, chance.randint(0, 5)) if public else None,
    )


def _moments(
    chance: random.Random, day: datetime.date, severity: str
) -> tuple[datetime.datetime, datetime.datetime, datetime.datetime, datetime.datetime | None]:
    """Occurrence, first report, authoritative information, press conference (of major cases), each on its clock."""
    occurred = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(minutes=chance.randrange(24 * 60))
    first_report = occurred + datetime.timedelta(minutes=chance.randint(5, 90))
    authority = first_report + datetime.timedelta(minutes=chance.randint(30, AUTHORITY_HOURS * 60 - 90))
    press = None
    if severity == MAJOR:
        press = authority + datetime.timedelta(minutes=chance.randint(60, (PRESS_HOURS - AUTHORITY_HOURS) * 60))
    return occurred, first_report, authority, press
