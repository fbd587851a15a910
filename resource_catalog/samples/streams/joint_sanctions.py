"""Joint sanctions (联合惩戒目录, D12): which department does what to whom, and by what law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.powers import powers
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "sanction_code", "target", "initiator", "kind", "measure", "department", "basis", "power_code", "term", *PROVENANCE,
)  # fmt: skip


class MeasureWords(TypedDict):
    """A measure; `power` is the name of the agency's power that it rests on, "" for other departments.

    `only` names the targets that it is for, empty for all.
    """

    kind: str
    measure: str
    department: str
    basis: str
    power: str
    only: list[str]


class Words(TypedDict):
    """`words/joint-sanctions.json`; `targets` has who initiates the sanctions against each."""

    published: str
    term: str
    targets: dict[str, str]
    measures: list[MeasureWords]


def _rows(city: City) -> Iterator[Row]:
    words: Words = city.words_of("joint-sanctions")
    day = date.fromisoformat(words["published"])
    codes = {power.name: power.code for power in powers(city)}
    for place, (target, initiator) in enumerate(words["targets"].items(), start=1):
        for number, each in enumerate(words["measures"], start=1):
            if each["only"] and target not in each["only"]:
                continue
            code = f"CJ-{place:02d}-{number:02d}"
            yield (
                code,
                target,
                initiator,
                each["kind"],
                each["measure"],
                each["department"],
                each["basis"],
                codes[each["power"]] if each["power"] else None,
                words["term"],
                *provenance(code, day, day),
            )


STREAM = Stream(
    "joint-sanctions",
    _COLUMNS,
    Sheet(
        "supervision.xlsx",
        "联合惩戒目录",
        title="联合惩戒目录（示例数据，非真实）",
        subtitle="惩戒对象、发起部门相同的合并单元格",
        groups={
            "kind": "惩戒措施",
            "measure": "惩戒措施",
            "department": "惩戒措施",
            "basis": "依据",
            "power_code": "依据",
        },
        merged=("target", "initiator"),
        notes=("注：由本机关实施的措施列明权力编码，见行政权力清单。",),
    ),
    _rows,
)
