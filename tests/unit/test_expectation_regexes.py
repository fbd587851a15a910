"""A pattern that is put into RE2 finds what Python's re.search finds; one that RE2 lacks is answered by Python."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.aggregates import sql_of
from quality.cells import literal
from quality.expectations.column import Misuse
from quality.expectations.regexes import in_re2, searched
from quality.python_functions import define_function

_TEXTS = [
    *["", "a", "张三", "１", "1", "a b", "a\u00a0b", "a\n", "\n", "a\nb", "A-b_c", "é", "{,2}", "aa", "①"],
    *["\x1c", "]", "-"],
]
_PIECES = [
    *["a", "b", "1", ".", "^", "$", "|", "(", ")", "(?:", "*", "+", "?", "{2}", "{1,2}", "{,2}", r"\d", r"\w", r"\s"],
    *[r"\D", r"\W", r"\S", r"\.", r"\-", "[a-c]", "[^a]", r"[\w]", r"[\d-]", r"[\w-z]", r"[\u4e00-\u9fa5]", "[]a]"],
    *[r"\b", "(?=a)", "(?i)", "张", "-", "]", "{", "}", r"\n", r"\\", "_", "[^\\s]"],
]


def _found(text: str, pattern: str) -> bool:
    expression, functions = searched(literal(text), pattern)
    with duckdb.connect() as connection:
        for function in functions:
            define_function(connection, function.name, function.call, ["VARCHAR"] * function.arguments, "BOOLEAN")
        [(found,)] = connection.execute(f"SELECT {sql_of(expression)}").fetchall()
    return bool(found)


@settings(max_examples=60)
@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=6), text=st.sampled_from(_TEXTS))
def test_any_pattern_finds_what_python_finds(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    try:
        wanted = re.search(pattern, text) is not None
    except re.error:
        with pytest.raises(Misuse):
            searched(literal(text), pattern)
        return
    assert _found(text, pattern) is wanted, in_re2(pattern)


@pytest.mark.parametrize(
    "pattern", ["^[\\u4e00-\\u9fa5]{2,4}$", r"^\d{4}-\d{2}$", r"^[0-9A-Z]{18}$|^$", r"沪.\w+", r"[\s\d]+", r"(a|b)c?"]
)
def test_usual_patterns_stay_in_the_engine(pattern: str) -> None:
    assert searched(literal(""), pattern)[1] == ()


@pytest.mark.parametrize("pattern", [r"\bab", "(?!a)b", r"(.)\1", "(a$)b?", "(?i)a", "a{,2}", "(?P<y>a)"])
def test_what_re2_lacks_or_means_otherwise_goes_to_python(pattern: str) -> None:
    assert in_re2(pattern) is None
    assert searched(literal(""), pattern)[1] != ()
