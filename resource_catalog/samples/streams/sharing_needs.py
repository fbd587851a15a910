"""What other bureaus need of the agency's data (共享需求清单, D13), and the answers within ten working days."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date

from resource_catalog.samples.city.catalogue_work import CatalogueWords, ResourceWords
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream, provenance

_COLUMNS = (
    "need_id", "requester", "resource_code", "items", "purpose", "basis", "mode", "frequency", "asked_on", "decision",
    "reason", "answered_on", *PROVENANCE,
)  # fmt: skip
_NEEDS = 320
#: The rules on sharing in the city took effect with this month (沪府发〔2016〕14号).
_FIRST, _LAST = date(2016, 3, 1), date(2018, 2, 23)
#: 国发〔2016〕51号 (按我们的理解).
ANSWER_DAYS = 10
#: Answers to a request for what is shared on conditions.
_WEIGHTS = {"agreed": 65, "in_part": 25, "refused": 10}


def _rows(city: City) -> Iterator[Row]:
    words: CatalogueWords = city.words_of("catalogue-work")
    chance = city.chance("sharing-needs")
    year, number = 0, 0
    for asked in sorted(city.draw_day(chance, _FIRST, _LAST) for _ in range(_NEEDS)):
        number = number + 1 if asked.year == year else 1
        year = asked.year
        yield _row(words, chance, f"XQ{year}-{number:04d}", asked)


def _row(words: CatalogueWords, chance: random.Random, need_id: str, asked: date) -> Row:
    requester = chance.choice(list(words["requesters"]))
    code = chance.choice([code for code, each in words["resources"].items() if each["since"] <= asked.year])
    resource = words["resources"][code]
    answered = add_working_days(asked, chance.randint(1, ANSWER_DAYS))
    decision, reason = _draw_answer(words, chance, resource)
    pending = answered >= LAST_DAY
    known = asked if pending else answered
    return (
        need_id,
        requester,
        code,
        json.dumps(_draw_items(chance, resource), ensure_ascii=False),
        *words["requesters"][requester],
        chance.choice(words["modes"]),
        chance.choice(words["frequencies"]),
        asked,
        None if pending else decision,
        None if pending else reason,
        None if pending else answered,
        *provenance(need_id, known, add_working_days(known, 1), version=1 if pending else 2),
    )


def _draw_items(chance: random.Random, resource: ResourceWords) -> list[str]:
    """Some of its items, in its order."""
    wanted = set(chance.sample(resource["items"], chance.randint(1, len(resource["items"]))))
    return [item for item in resource["items"] if item in wanted]


def _draw_answer(words: CatalogueWords, chance: random.Random, resource: ResourceWords) -> tuple[str, str | None]:
    """Decision and reason: what is shared without conditions is given, what isn't shared is not."""
    if resource["sharing"] == words["unconditional"]:
        return words["answers"]["agreed"], None
    if resource["sharing"] == words["withheld"]:
        return words["answers"]["refused"], words["answer_reasons"]["withheld"]
    answer = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    return words["answers"][answer], words["answer_reasons"].get(answer)


STREAM = Stream("sharing-needs", _COLUMNS, Delimited("sharing-needs.csv"), _rows)
