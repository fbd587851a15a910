"""Proposals of deputies and of the political consultative conference, and the replies (D18): CSV with a BOM."""

from __future__ import annotations

import calendar
import random
from collections.abc import Iterator
from datetime import date
from typing import Any, TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream, provenance

_COLUMNS = (
    "no", "session", "kind", "title", "lead", "assist", "replied_on", "result", "full_text_url", "openness",
    *PROVENANCE,
)  # fmt: skip
#: Of each session, so many of either kind.
_OF_A_KIND = (34, 52)
#: The reply is due so many months after the proposal was assigned (按我们的理解).
_MONTHS = 3
#: Of ten replies, so many are public in full.
_FULL_IN_TEN = 8


class ProposalWords(TypedDict):
    """`words/proposals.json`; a round has its year, the day of assignment, and the session of either kind."""

    rounds: list[dict[str, Any]]
    codes: dict[str, str]
    subjects: dict[str, list[str]]
    forms: list[str]
    assistants: list[str]
    results: dict[str, int]
    full_text: str
    summary_only: str
    site: str


def reply_due(assigned: date) -> date:
    """Three months after the day of assignment, or the end of a month that is shorter."""
    year, month = divmod(assigned.year * 12 + assigned.month - 1 + _MONTHS, 12)
    return date(year, month + 1, min(assigned.day, calendar.monthrange(year, month + 1)[1]))


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("proposals")
    words: ProposalWords = city.words_of("proposals")
    for each in words["rounds"]:
        assigned = date.fromisoformat(each["assigned"])
        for kind, code in words["codes"].items():
            for number in range(1, chance.randint(*_OF_A_KIND) + 1):
                replied = city.draw_day(chance, assigned, reply_due(assigned))
                yield _row(chance, words, kind, each[kind], f"{code}{each['year']}-{number:03d}", replied)


def _row(chance: random.Random, words: ProposalWords, kind: str, session: str, number: str, replied: date) -> Row:
    lead = chance.choice(list(words["subjects"]))
    full = chance.randrange(10) < _FULL_IN_TEN
    return (
        number,
        session,
        kind,
        chance.choice(words["forms"]).format(subject=chance.choice(words["subjects"][lead])),
        lead,
        "、".join(chance.sample(words["assistants"], chance.randint(0, 2))) or None,
        replied,
        chance.choices(list(words["results"]), list(words["results"].values()))[0],
        words["site"].format(number=number) if full else None,
        words["full_text"] if full else words["summary_only"],
        *provenance(f"JYTA-{number}", replied, replied),
    )


STREAM = Stream("proposals", _COLUMNS, Delimited("proposals.csv", "utf-8-sig"), _rows)
