"""Matters of supervision (监管事项清单, D12): each power of the list in force, at every stage where it is exercised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.powers import Power, powers
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "item_code", "name", "subject", "stage", "department", "mode", "frequency", "measure", "power_code", "basis",
    *PROVENANCE,
)  # fmt: skip


class StageWords(TypedDict):
    """A stage at which powers of a kind are exercised: its letter and name, how, how often, by what measure."""

    letter: str
    stage: str
    mode: str
    frequency: str
    measure: str


class Words(TypedDict):
    """`words/supervision-items.json`; `stages` by kind of power, `departments` by words of the legal basis."""

    first_published: str
    cancelled: str
    name: str
    stages: dict[str, list[StageWords]]
    departments: dict[str, str]
    other_department: str


def _department(words: Words, power: Power) -> str:
    named = (department for word, department in words["departments"].items() if word in power.basis)
    return next(named, words["other_department"])


def _rows(city: City) -> Iterator[Row]:
    words: Words = city.words_of("supervision-items")
    first = date.fromisoformat(words["first_published"])
    supervised = [each for each in powers(city) if each.status != words["cancelled"]]
    for power in sorted(supervised, key=lambda each: (_department(words, each), each.code)):
        for stage in words["stages"].get(power.kind, []):
            code = f"JG-{power.number:05d}-{stage['letter']}"
            renewed = power.published_on > first
            day = power.published_on if renewed else first
            yield (
                code,
                words["name"].format(power=power.name, stage=stage["stage"]),
                power.subject,
                stage["stage"],
                _department(words, power),
                stage["mode"],
                stage["frequency"],
                stage["measure"],
                power.code,
                power.basis,
                *provenance(code, day, day, version=2 if renewed else 1),
            )


STREAM = Stream(
    "supervision-items",
    _COLUMNS,
    Sheet(
        "supervision.xlsx",
        "监管事项清单",
        title="监管事项清单（示例数据，非真实）",
        subtitle="责任处室相同的相邻事项合并单元格",
        groups={
            "mode": "监管方式与措施",
            "frequency": "监管方式与措施",
            "measure": "监管方式与措施",
            "power_code": "权力与依据",
            "basis": "权力与依据",
        },
        merged=("department",),
        notes=("注：权力编码见行政权力清单，已取消的权力不列。",),
    ),
    _rows,
)
