"""What keeps openness going (D20): officers, plans, training, supervision of every unit; internal, and personal."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.people import draw_person
from resource_catalog.samples.stream import PROVENANCE, Cell, Row, Sheet, Stream

_COLUMNS = (
    "record_id", "unit", "kind", "title", "due_on", "done_on", "officer_role", "officer", "office_phone", "mobile",
    "trained", "weight", "finding", *PROVENANCE,
)  # fmt: skip
#: 沪工商办〔2017〕107号 of 18 May 2017: list and plan within 30 calendar days, a Saturday; training and supervision
#: within the year.
_ISSUED, _LISTS_DUE, _YEAR_END = date(2017, 5, 18), date(2017, 6, 17), date(2017, 12, 31)


class SafeguardWords(TypedDict):
    """`words/openness-safeguards.json`."""

    sections: list[str]
    district_unit: str
    roles: list[str]
    officer_title: str
    plan_title: str
    training_titles: list[str]
    supervision_title: str
    findings: list[str]
    kinds: dict[str, str]
    phone_area: str


@dataclass(frozen=True)
class _Safeguard:
    kind: str
    title: str
    due: date
    role: str | None = None
    officer: str | None = None
    office_phone: str | None = None
    mobile: str | None = None
    trained: int | None = None
    weight: Decimal | None = None
    finding: str | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Those after the days."""
        return (
            self.role, self.officer, self.office_phone, self.mobile, self.trained, self.weight, self.finding,
        )  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("openness-safeguards")
    words: SafeguardWords = city.words_of("openness-safeguards")
    districts = (words["district_unit"].format(district=district) for district in city.words["districts"])
    number = 0
    for unit in (*words["sections"], *districts):
        for safeguard in _safeguards(city, words, chance, unit):
            number += 1
            done = city.draw_day(chance, _ISSUED, safeguard.due)
            yield (
                f"BZ-{number:05d}",
                unit,
                safeguard.kind,
                safeguard.title,
                safeguard.due,
                done,
                *safeguard.cells,
                # Never published: published_at stays empty.
                *(f"BZTZ-{number:05d}", 1, done, None, None),
            )


def _safeguards(city: City, words: SafeguardWords, chance: random.Random, unit: str) -> Iterator[_Safeguard]:
    kinds = words["kinds"]
    for role in words["roles"]:
        yield _Safeguard(
            kinds["officers"],
            words["officer_title"].format(unit=unit, role=role),
            _LISTS_DUE,
            role=role,
            officer=draw_person(chance, city.words),
            office_phone=f"{words['phone_area']}-5550{chance.randrange(10_000):04d}",
            mobile=f"1380000{chance.randrange(10_000):04d}",
        )
    weight = Decimal(chance.randrange(40, 81, 5)) / 10
    yield _Safeguard(kinds["plan"], words["plan_title"].format(unit=unit), _LISTS_DUE, weight=weight)
    for title in words["training_titles"]:
        yield _Safeguard(kinds["training"], title, _YEAR_END, trained=chance.randint(1, 30))
    finding = chance.choice(words["findings"])
    yield _Safeguard(kinds["supervision"], words["supervision_title"], _YEAR_END, finding=finding)


STREAM = Stream(
    "openness-safeguards",
    _COLUMNS,
    Sheet(
        "openness-safeguards.xlsx",
        "保障台账",
        title="2017年政务公开保障台账（示例数据，非真实）",
        subtitle="内部资料，不对外提供",
        notes=("注：考核权重单位为%。",),
    ),
    _rows,
)
