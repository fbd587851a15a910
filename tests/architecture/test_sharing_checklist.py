"""The sharing platform's checklist: each item is there once, and names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ITEMS = [
    *("P1", "P2", "P3", "P3b", *(f"P{number}" for number in range(4, 15))),
    *(f"S{number}" for number in range(1, 8)),
    *(f"O{number}" for number in range(1, 8)),
    *(f"edge {number}" for number in range(1, 13)),
]
#: Lines that are there and wait for their tests, marked as such.
WAITING = {"O5", "edge 2"}


def _lines() -> dict[str, str]:
    text = (ROOT / "platforms" / "sharing" / "CHECKLIST.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:P|S|O|edge )\d+b?) \|(.*)\|$", text, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def _tests(line: str) -> list[tuple[str, str]]:
    return re.findall(r"`(\w+/\w+\.py)::(\w+)`", line)


def test_every_item_has_its_line() -> None:
    assert list(_lines()) == ITEMS


def test_every_item_names_tests_that_there_are() -> None:
    lines = _lines()
    assert {item for item, line in lines.items() if not _tests(line)} <= WAITING
    assert all("TODO" in lines[item] for item in WAITING if not _tests(lines[item]))
    named = {test for line in lines.values() for test in _tests(line)}
    missing = [
        f"{file}::{name}"
        for file, name in sorted(named)
        if not re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []
