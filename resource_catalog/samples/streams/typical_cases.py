"""Typical cases (典型案件): one in fourteen penalty decisions, told without the names of persons."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from itertools import groupby

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import REVOKED
from resource_catalog.samples.city.parties import Party
from resource_catalog.samples.city.penalties import PenaltyDecision, penalty_decisions
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Interface, Row, Stream, provenance

_COLUMNS = (
    "case_no", "title", "facts", "law", "result", "decided_on", "published_on", "redaction_log", *PROVENANCE,
)  # fmt: skip
_EACH = 14
_REDACTED = "某某"


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("typical-cases")
    for number, decisions in groupby(penalty_decisions(city), key=lambda one: one.number):
        parts = list(decisions)
        published = _publication(chance, parts[0])
        if number % _EACH == 0 and parts[0].state.code != REVOKED and published < LAST_DAY:
            yield _row(parts, published)


def _publication(chance: random.Random, one: PenaltyDecision) -> datetime.date:
    """Some weeks after the decision itself was published."""
    return add_working_days(one.published_on, chance.randrange(5, 40))


def _row(parts: Sequence[PenaltyDecision], published: datetime.date) -> Row:
    first = parts[0]
    parties = [one.party for one in parts]
    return (
        first.document_number,
        "、".join(map(_called, parties)) + first.title,
        "；".join(map(_described, parties)) + f"。{first.facts}",
        first.basis,
        first.result if len(parts) == 1 else "".join(f"{_called(one.party)}：{one.result}" for one in parts),
        first.decided_on,
        published,
        _redactions(parties),
        *provenance(f"DX{first.number:08d}", first.decided_on, published),
    )


def _called(party: Party) -> str:
    """A firm by its name, a natural person by the surname."""
    return party.name if party.enterprise else _redacted(party.name)


def _described(party: Party) -> str:
    if party.enterprise is None:
        return f"当事人{_redacted(party.name)}"
    return f"当事人{party.name}，负责人{_redacted(party.enterprise.legal_person)}"


def _redacted(person: str) -> str:
    return person[0] + _REDACTED


def _redactions(parties: Sequence[Party]) -> str:
    """What was taken out, without what it was: persons stand in title and result, too."""
    natural = sum(party.enterprise is None for party in parties)
    several = len(parties) > 1
    names = len(parties) + natural * (2 if several else 1)
    log = f"自然人姓名{names}处：留姓，名改为“{_REDACTED}”"
    return f"{log}；身份证号{natural}处：删去" if natural else log


STREAM = Stream("typical-cases", _COLUMNS, Interface("typical-cases.json", "data.items"), _rows)
