"""A provider's 统一社会信用代码 is judged by its form and by both of its check characters (standards.md 3.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resource_catalog.provider_code import check_character, code_fault, inner_check_character


@pytest.mark.parametrize(
    "code",
    [
        "91310000132260250X",
        "91310000631696382C",
        "9144030071526726XG",
        "91110000600037341L",
        "92310101MA1JAB3C87",
        "91310115MA1H7X2K9G",
    ],
)
def test_a_valid_code_has_no_fault(code: str) -> None:
    assert code_fault(code) == ""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("91310000132260250K", "X"),
        ("91310000132260205X", "8"),
        ("9131OOOO132260250X", "O"),
        ("91310000132260250", "17"),
        ("91350100M000100Y4Z", "Z"),
        ("913100001322602511", "0"),  # the outer check passes, and that of the organisation code inside does not
        ("91310000132260250x", "x"),
        ("", "0"),
    ],
)
def test_what_is_wrong_is_told(code: str, told: str) -> None:
    assert told in code_fault(code)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=16, max_size=16), st.integers(0, 15))
def test_a_changed_digit_is_always_found(first: str, place: int) -> None:
    inner = first + inner_check_character(first[8:])
    code = inner + check_character(inner)
    assert code_fault(code) == ""
    other = "1" if code[place] != "1" else "2"
    assert code_fault(code[:place] + other + code[place + 1 :]) != ""
