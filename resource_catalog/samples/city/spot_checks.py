"""Spot checks by double random draw (双随机抽查): the items, each year's tasks, and whom each draw hit.

A draw can be replayed from open data alone, the register of enterprises and the task's seed: see `draw_targets`.
"""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.enterprises import Enterprise
from resource_catalog.samples.city.people import draw_person
from resource_catalog.samples.city.working_days import add_working_days

#: The clock of spot-check results: they are published within so many working days.
_RESULT_DAYS = 20
#: Targets are drawn so many working days before the checks begin.
_DRAW_AHEAD = 3
#: How far plans go beyond the least ratio, for the number of targets is an estimate when the plan is made.
_RESERVE = Decimal("1.3")


class TargetWords(TypedDict):
    """Who is drawn from: enterprises of `kinds`, of all where none is named; at least `ratio` of them a year."""

    letter: str
    target: str
    mode: str
    ratio: str
    kinds: list[str]


class PlanWords(TypedDict):
    """A year's plan: draws fall from `first` to `last`, checks take `days`, from-to; `share` in 100 items are in it."""

    year: int
    first: str
    last: str
    share: int
    days: list[int]


class Words(TypedDict):
    """`words/spot-checks.json`; `outcomes` has the weight of each, `closed` is for an enterprise that is no more."""

    code: str
    targets: list[TargetWords]
    name: str
    subjects: list[str]
    matters: list[dict[str, str]]
    items_published: str
    plans: list[PlanWords]
    outcomes: dict[str, int]
    closed: str


@dataclass(frozen=True)
class InspectionItem:
    """An item of the list (抽查事项); `kinds` are the kinds of enterprise that it concerns, empty for all."""

    code: str
    name: str
    basis: str
    subject: str
    target: str
    content: str
    mode: str
    ratio: Decimal
    times_per_year: int
    kinds: tuple[str, ...]
    published_on: datetime.date


@dataclass(frozen=True)
class InspectionTask:
    """One draw of a year's plan and the time of its checks, both ends included."""

    task_id: str
    year: int
    item: InspectionItem
    planned_from: datetime.date
    planned_to: datetime.date
    planned_count: int
    drawn_on: datetime.date
    draw_seed: int


@dataclass(frozen=True)
class SpotCheck:
    """One enterprise checked in a task; `order` counts from 1 in the order of the draw."""

    task: InspectionTask
    order: int
    enterprise: Enterprise
    checked_on: datetime.date
    outcome: str
    inspectors: tuple[str, str]
    published_on: datetime.date

    @property
    def row_id(self) -> str:
        """The row's name in the source, the same wherever the check is shown."""
        return f"{self.task.task_id}-{self.order:05d}"


def inspection_items(city: City) -> tuple[InspectionItem, ...]:
    """The list of items, the same in a city of any size."""
    words: Words = city.words_of("spot-checks")
    chance = city.chance("inspection-items")
    published = datetime.date.fromisoformat(words["items_published"])
    return tuple(
        InspectionItem(
            code=words["code"].format(matter=number, target=target["letter"]),
            name=words["name"].format(matter=matter["name"], target=target["target"]),
            basis=matter["basis"],
            subject=chance.choice(words["subjects"]).format(authority=city.words["authority"]),
            target=target["target"],
            content=matter["content"],
            mode=target["mode"],
            ratio=Decimal(target["ratio"]),
            times_per_year=chance.choices((1, 2), weights=(4, 1))[0],
            kinds=tuple(target["kinds"]),
            published_on=published,
        )
        for number, matter in enumerate(words["matters"], start=1)
        for target in words["targets"]
    )


def inspection_tasks(city: City) -> Iterator[InspectionTask]:
    """The tasks of all years; only the number of enterprises that each plans to check grows with the city."""
    words: Words = city.words_of("spot-checks")
    chance = city.chance("inspection-tasks")
    items = inspection_items(city)
    for plan in words["plans"]:
        chosen = [item for item in items if chance.randrange(100) < plan["share"]]
        planned = [item for item in chosen for _ in range(item.times_per_year)]
        for number, item in enumerate(planned, start=1):
            yield _task(city, chance, plan, item, number)


def _task(city: City, chance: random.Random, plan: PlanWords, item: InspectionItem, number: int) -> InspectionTask:
    day = datetime.date.fromisoformat
    drawn_on = city.draw_day(chance, day(plan["first"]), day(plan["last"]))
    planned_from = add_working_days(drawn_on, _DRAW_AHEAD)
    return InspectionTask(
        task_id=f"CC{plan['year']}-{number:04d}",
        year=plan["year"],
        item=item,
        planned_from=planned_from,
        planned_to=add_working_days(planned_from, chance.randint(*plan["days"])),
        planned_count=_planned_count(city, item, drawn_on),
        drawn_on=drawn_on,
        draw_seed=chance.randrange(10**5, 10**6),
    )


def _planned_count(city: City, item: InspectionItem, drawn_on: datetime.date) -> int:
    weights = {kind: each["weight"] for kind, each in city.words["kinds"].items()}
    concerned = sum(weights[kind] for kind in item.kinds or weights)
    targets = Decimal(city.founded_before(drawn_on) * concerned) / sum(weights.values())
    return math.ceil(_RESERVE * item.ratio * targets / item.times_per_year)


def draw_targets(city: City, task: InspectionTask) -> Iterator[Enterprise]:
    """Whom a task's draw hits, in its order: as many as planned.

    The enterprises founded before the day of the draw are numbered from 0 in the order of their row ids, n of them.
    Python's `random.Random(draw_seed).randrange(n)` then names one after the other. Passed over is who is of another
    kind, was revoked or deregistered up to that day, or was drawn before.
    """
    chance = random.Random(task.draw_seed)  # noqa: S311 - a draw that anyone may replay
    known = city.founded_before(task.drawn_on)
    drawn: set[int] = set()
    while len(drawn) < task.planned_count:
        one = city.enterprise(chance.randrange(known))
        if one.number not in drawn and _eligible(one, task):
            drawn.add(one.number)
            yield one


def _eligible(one: Enterprise, task: InspectionTask) -> bool:
    closed = one.status_on is not None and one.status_on <= task.drawn_on
    return not closed and (not task.item.kinds or one.kind in task.item.kinds)


def spot_checks(city: City) -> Iterator[SpotCheck]:
    """All checks, task by task in the order of the draw."""
    chance = city.chance("inspection-results")
    for task in inspection_tasks(city):
        pair = (draw_person(chance, city.words), draw_person(chance, city.words))
        for order, one in enumerate(draw_targets(city, task), start=1):
            yield _check(city, chance, task, pair, order, one)


def _check(
    city: City,
    chance: random.Random,
    task: InspectionTask,
    inspectors: tuple[str, str],
    order: int,
    one: Enterprise,
) -> SpotCheck:
    words: Words = city.words_of("spot-checks")
    checked_on = city.draw_day(chance, task.planned_from, task.planned_to)
    outcome = chance.choices(list(words["outcomes"]), list(words["outcomes"].values()))[0]
    if one.status_on is not None and one.status_on <= checked_on:
        outcome = words["closed"]
    published_on = add_working_days(checked_on, chance.randint(3, _RESULT_DAYS))
    return SpotCheck(task, order, one, checked_on, outcome, inspectors, published_on)
