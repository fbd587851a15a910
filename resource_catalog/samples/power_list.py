"""The list of an agency's powers: each power's code, kind, legal basis, subject, level and last change."""

from __future__ import annotations

import datetime
import random

from resource_catalog.samples.words import Words
from resource_catalog.samples.working_days import draw_working_day

ROWS = 250
COLUMNS = ("power_code", "name", "kind", "basis", "subject", "level", "change", "changed_on", "status")

#: The letter that stands for a power's kind inside its code.
_LETTERS = {
    "行政许可": "A", "行政处罚": "B", "行政强制": "C", "行政确认": "F",
    "行政裁决": "G", "行政奖励": "H", "行政检查": "J",
}  # fmt: skip
_CHANGES = ("取消", "下放", "承接", "新增", "调整")

Row = tuple[str, str, str, str, str, str, str | None, str | None, str]


def power_list(seed: int, words: Words) -> list[Row]:
    """ROWS rows in the order of COLUMNS; dates as YYYY-MM-DD, None where a power never changed."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    powers = sorted(_powers(words), key=lambda power: _LETTERS[power[0]])[:ROWS]
    return [_row(chance, words, number, *power) for number, power in enumerate(powers, start=1)]


def _powers(words: Words) -> list[tuple[str, str, str, str]]:
    subjects = words["powers"]["subjects"]
    penalties = [
        ("行政处罚", f"对{subject}{offence}的处罚", law, subject)
        for offence, law in words["powers"]["penalties"]
        for subject in subjects
    ]
    others = [
        (kind, name.format(subject=subject), law, subject)
        for kind, name, law in words["powers"]["others"]
        for subject in subjects
    ]
    return [*penalties, *others]


def _row(chance: random.Random, words: Words, number: int, kind: str, name: str, law: str, subject: str) -> Row:
    change, changed_on = _change(chance)
    return (
        f"0231-{_LETTERS[kind]}-{number:05d}-{words['place_code']}",
        name,
        kind,
        law,
        subject,
        chance.choice(("市", "区", "市区")),
        change,
        changed_on,
        "取消" if change == "取消" else "有效",
    )


def _change(chance: random.Random) -> tuple[str, str] | tuple[None, None]:
    if chance.random() < 0.7:
        return None, None
    day: datetime.date = draw_working_day(chance)
    return chance.choice(_CHANGES), day.isoformat()
