"""Which checks of a schema leave no place for a character that no table may hold."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.characters import excludes_unwanted, is_cleared
from quality.closed_pattern import closed_pattern
from resource_catalog.table_schema import SchemaField

UNWANTED = [chr(code) for code in (0, 8, 0xB, 0xC, 0x1F, 0x7F, 0x80, 0x9F, 0xFFFD)]
PLAIN = [
    r"\d{15}",
    r"31\d{4}",
    "[0-9A-HJ-NPQRTUWXY]{18}",
    r"示例\d+科技有限公司",
    r"沪工商[一-龥]*〔\d{4}〕\d+号",
    "a|b(c)?",
]
OPEN = [".*", r".*〔\d{4}〕.*", r"\D+", "[^a]", r"[!-龥]", r"[\x00-\x7f]", r"a\sb", r"\p{Han}+", "[^\\d]", "[ -\xa0]"]


@pytest.mark.parametrize("pattern", PLAIN)
def test_plain_patterns_exclude_all(pattern: str) -> None:
    assert excludes_unwanted(pattern)


@pytest.mark.parametrize("pattern", OPEN)
def test_of_others_nothing_is_sure(pattern: str) -> None:
    assert not excludes_unwanted(pattern)


PARTS = [
    "a",
    "示",
    r"\d",
    "[0-9]",
    "[a-z一-龥]",
    "[^a]",
    ".",
    r"\D",
    "[!-龥]",
    "-",
    "[a-]",
    r"[\d-z]",
    "{2}",
    "*",
    "(",
    ")",
    "|",
    "^",
    r"\.",
    "[]",
]


@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), st.sampled_from(UNWANTED), st.text(max_size=3))
def test_what_is_sure_is_so(pattern: str, unwanted: str, beside: str) -> None:
    try:
        compiled = re.compile(pattern, re.ASCII)
    except (re.error, FutureWarning):  # a set that Python may read in another way one day
        return
    if excludes_unwanted(pattern):
        texts = (unwanted, beside + unwanted, unwanted + beside, "a" + unwanted + "a", "0" + unwanted)
        assert not any(compiled.fullmatch(text) for text in texts)


@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), st.data())
def test_what_a_closed_pattern_says_of_its_texts(pattern: str, data: st.DataObject) -> None:
    closed = closed_pattern(pattern)
    if closed is None:
        return
    try:
        compiled = re.compile(pattern, re.ASCII)
    except (re.error, FutureWarning):
        return
    text = data.draw(st.from_regex(compiled, fullmatch=True))
    assert all(map(closed.can_hold, text))
    assert len(text) >= closed.shortest
    assert len(text.encode()) - sum(character.isdigit() for character in text) >= closed.other_bytes


@pytest.mark.parametrize(
    ("pattern", "shortest", "other_bytes"),
    [
        (r"\d{15}", 15, 0),
        (r"31\d{4}", 6, 0),
        (r"示例\d+科技", 5, 12),
        ("A[0-9A-Z]{3,5}B?", 4, 1),
        ("[一-龥]{2,}", 2, 6),
        ("(?:ab)+", 0, 0),
        ("a|bc", 0, 0),
        (r"^\d$", 1, 0),
        ("", 0, 0),
    ],
)
def test_the_least_that_a_pattern_asks_for(pattern: str, shortest: int, other_bytes: int) -> None:
    closed = closed_pattern(pattern)
    assert closed is not None
    assert (closed.shortest, closed.other_bytes) == (shortest, other_bytes)


@pytest.mark.parametrize(
    ("field", "cleared"),
    [
        ({"type": "date"}, True),
        ({"type": "date", "format": "%Y/%m/%d"}, False),
        ({"type": "number", "bareNumber": False}, False),
        ({"type": "number", "groupChar": "\x0b"}, False),
        ({"type": "integer"}, True),
        ({"type": "string"}, False),
        ({"type": "string", "constraints": {"enum": ["甲", "乙"]}}, True),
        ({"type": "string", "constraints": {"enum": ["甲", "\x0b"]}}, False),
        ({"type": "string", "constraints": {"pattern": r"\d+"}}, True),
        ({"type": "string", "constraints": {"pattern": r"\d+"}, "repair": ["trim"]}, False),
        ({"type": "any"}, False),
    ],
)
def test_what_a_field_accepts(field: dict[str, Any], cleared: bool) -> None:
    assert is_cleared(SchemaField.model_validate({"name": "a", **field})) is cleared
