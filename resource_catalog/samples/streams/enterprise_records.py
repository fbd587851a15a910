"""Records gathered under the enterprise that they concern (涉企信息, D12), from every register of the city."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from resource_catalog.samples.city.authorities import district_authority
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import REVOKED, State
from resource_catalog.samples.city.enterprises import Enterprise
from resource_catalog.samples.city.licences import LicenceDecision, licence_decisions
from resource_catalog.samples.city.parties import draw_active
from resource_catalog.samples.city.penalties import PenaltyDecision, penalty_decisions
from resource_catalog.samples.city.spot_checks import spot_checks
from resource_catalog.samples.city.working_days import WORKING_DAYS, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Columnar, Row, Stream, provenance

_COLUMNS = (
    "uscc", "info_type", "source_org", "source_no", "title", "occurred_on", "received_on", "district", "match",
    "public", *PROVENANCE,
)  # fmt: skip
#: Chattel mortgages, at scale 1; on the first days there are too few enterprises to draw from.
_MORTGAGES, _FIRST = 300, 10
#: In a hundred of them: how many whose name needed a person to find the enterprise.
_BY_HAND = 6


class RecordWords(TypedDict):
    """`words/enterprise-records.json`; `types` has the kinds of information, `matches` how the enterprise was found.

    `of_title` and `of_category` say the kind of a licence, `listed` what a spot check's outcome leads to.
    """

    types: dict[str, str]
    matches: dict[str, str]
    of_title: dict[str, str]
    of_category: dict[str, str]
    deregistered: str
    deregistration: str
    mortgage: str
    mortgage_number: str
    listed: dict[str, str]
    listing_number: str
    deregistration_number: str


@dataclass(frozen=True)
class _Record:
    """What a register says of an enterprise; `known` is the day from which others may learn of it."""

    enterprise: Enterprise
    kind: str
    source: str
    number: str
    title: str
    occurred: datetime.date
    known: datetime.date
    match: str
    changed: datetime.date | None = None


def _records(city: City) -> Iterator[_Record]:
    """All records; what concerns no enterprise of the register isn't put under any."""
    words: RecordWords = city.words_of("enterprise-records")
    yield from filter(None, (_of_decision(words, decision) for decision in licence_decisions(city)))
    yield from filter(None, (_of_decision(words, decision) for decision in penalty_decisions(city)))
    yield from _of_spot_checks(city, words)
    yield from _deregistrations(city, words)
    yield from _mortgages(city, words)


def _of_decision(words: RecordWords, decision: LicenceDecision | PenaltyDecision) -> _Record | None:
    """None where it names a natural person, or was revoked."""
    state: State = decision.state
    if decision.enterprise is None or state.code == REVOKED:
        return None
    return _Record(
        decision.enterprise,
        _kind_of(words, decision),
        decision.authority.name,
        decision.document_number,
        decision.title,
        decision.decided_on,
        decision.published_on,
        words["matches"]["code" if decision.party.social_credit_code else "registration"],
        state.changed_on,
    )


def _kind_of(words: RecordWords, decision: LicenceDecision | PenaltyDecision) -> str:
    if isinstance(decision, PenaltyDecision):
        return words["types"]["penalty"]
    special = words["of_title"].get(decision.title) or words["of_category"].get(decision.category)
    return special or words["types"]["licence"]


def _of_spot_checks(city: City, words: RecordWords) -> Iterator[_Record]:
    """Every check, and the list of abnormal operations to which some outcomes lead on the day they are published."""
    for check in spot_checks(city):
        one, number, code = check.enterprise, check.row_id, words["matches"]["code"]
        office = district_authority(city.words, one.district, check.checked_on).name
        title = f"{check.task.item.name}：{check.outcome}"
        kind = words["types"]["check"]
        yield _Record(one, kind, office, number, title, check.checked_on, check.published_on, code)
        listed = words["listed"].get(check.outcome)
        still_there = one.status_on is None or one.status_on > check.published_on
        if listed and still_there:
            day = check.published_on
            number = words["listing_number"].format(check=number)
            yield _Record(one, words["types"]["abnormal"], office, number, listed, day, day, code)


def _deregistrations(city: City, words: RecordWords) -> Iterator[_Record]:
    for one in city.enterprises():
        if one.status == words["deregistered"] and one.status_on:
            office = district_authority(city.words, one.district, one.status_on).name
            number = words["deregistration_number"].format(number=one.registration_number)
            kind, code, day = words["types"]["registration"], words["matches"]["code"], one.status_on
            yield _Record(one, kind, office, number, words["deregistration"], day, day, code)


def _mortgages(city: City, words: RecordWords) -> Iterator[_Record]:
    """The register of chattel mortgages has names, and no codes."""
    chance = city.chance("chattel mortgages")
    total = _MORTGAGES * city.scale
    for number in range(total):
        day = WORKING_DAYS[_FIRST + number * (len(WORKING_DAYS) - 2 * _FIRST) // total]
        one = draw_active(city, chance, day)
        office = district_authority(city.words, one.district, day).name
        match = words["matches"]["hand" if chance.randrange(100) < _BY_HAND else "name"]
        title, written = words["mortgage"], words["mortgage_number"].format(year=day.year, number=number + 1)
        yield _Record(one, words["types"]["mortgage"], office, written, title, day, day, match)


def _received(chance: random.Random, record: _Record) -> datetime.date:
    return add_working_days(record.known, chance.randint(0, 3))


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("enterprise-records")
    for number, record in enumerate(_records(city), start=1):
        received = _received(chance, record)
        yield (
            record.enterprise.social_credit_code,
            record.kind,
            record.source,
            record.number,
            record.title,
            record.occurred,
            received,
            record.enterprise.district,
            record.match,
            # What may not be public isn't in a table that is open.
            True,
            *provenance(
                f"SQ{number:08d}",
                record.changed or record.occurred,
                record.changed or received,
                version=2 if record.changed else 1,
            ),
        )


STREAM = Stream("enterprise-records", _COLUMNS, Columnar("enterprise-records.parquet"), _rows)
