"""Compiled expectations say what GX's own pandas engine says: success, counts and rows, expectation by expectation."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.expectations.compiler import COMPILED
from tests.expectation_cases import (
    CASES,
    CONDITIONS,
    IN_JIA,
    OF_EACH_TYPE,
    ROWS,
    SCHEMA,
    TABLES,
    WITHOUT_ORACLE,
    within,
)
from tests.expectation_oracle import Answer, ask, expectation

Row = Sequence[str | None]


def _compared(answer: Answer) -> Answer:
    return {name: value for name, value in answer.items() if name != "observed"}


def _disagreements(rows: Sequence[Row], cases: Sequence[Mapping[str, Any]]) -> list[object]:
    answers = ask(SCHEMA, rows, cases)
    return [
        (case, ours, theirs)
        for case, ours, theirs in zip(cases, answers.ours, answers.theirs, strict=True)
        if _compared(ours) != _compared(theirs)
    ]


def test_every_native_type_is_asked() -> None:
    assert {case["type"] for case in CASES} | WITHOUT_ORACLE == set(COMPILED)


@pytest.mark.parametrize("table", TABLES)
def test_same_success_counts_and_rows(table: str) -> None:
    assert _disagreements(TABLES[table], CASES) == []


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: f"{condition['type']} {len(str(condition))}")
def test_same_within_a_row_condition(condition: dict[str, Any]) -> None:
    assert _disagreements(ROWS, [within(case, condition) for case in OF_EACH_TYPE]) == []


@pytest.mark.parametrize(
    ("condition", "parser"),
    [
        ('col("区 1") == "2017-05-18"', "great_expectations"),
        ('col("数") > 1.5', "great_expectations"),
        ('col("名称").notnull()', "great_expectations"),
        ("`区 1` == '甲'", "pandas"),
        ("数 != 3", "pandas"),
    ],
)
def test_same_within_a_condition_in_words(condition: str, parser: str) -> None:
    words = {"row_condition": condition, "condition_parser": parser}
    cases = [{**case, "kwargs": {**case["kwargs"], **words}} for case in CASES if "mostly" in case["kwargs"]]
    assert _disagreements(ROWS, cases) == []


#: GX takes its time: each example asks a part of the cases.
_PARTS = 4
_WORDS = ["张三", "李四", "甲", "乙", "a", "B", "１", "2017-05-18", "1", "{}", ""]
_TEXTS = st.one_of(st.none(), st.sampled_from(_WORDS))
_INTEGERS = st.one_of(st.none(), st.integers(-9, 9).map(str), st.sampled_from(["x", "1.0"]))
_NUMBERS = st.one_of(st.none(), st.integers(-20, 20).map(lambda quarters: str(quarters / 4)), st.just("NaN"))
_DAYS = st.one_of(st.none(), st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)).map(str))
_TIMES = st.one_of(
    st.none(),
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)).map(
        lambda time: time.replace(microsecond=0).isoformat()
    ),
)
_BOOLEANS = st.sampled_from([None, "true", "false", "0", "ja"])
_ROWS = st.lists(st.tuples(_TEXTS, _TEXTS, _INTEGERS, _NUMBERS, _DAYS, _TIMES, _BOOLEANS), max_size=12)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(rows=_ROWS, condition=st.sampled_from([None, *CONDITIONS]), part=st.integers(0, _PARTS - 1))
def test_same_on_any_table(rows: list[Row], condition: dict[str, Any] | None, part: int) -> None:
    cases = CASES[part::_PARTS]
    assert _disagreements(rows, [within(case, condition) for case in cases] if condition else cases) == []


#: Where GX's pandas engine raises, or answers by what pandas made of the column: (case, why, ours, theirs).
DIFFERENCES = [
    (
        expectation(
            "expect_column_values_to_not_be_null",
            column="名称",
            row_condition='col("区 1") == "甲"',
            condition_parser="great_expectations",
        ),
        "GX's grammar of conditions has no Chinese in its texts",
        {"success": False, "element_count": 2, "unexpected_count": 1, "rows": [3]},
        "raised",
    ),
    (
        expectation(
            "expect_column_pair_values_to_be_in_set",
            column_A="名称",
            column_B="区 1",
            value_pairs_set=[["张三", "甲"]],
            row_condition=IN_JIA,
        ),
        "GX counts all rows' pairs beside the number of the condition's rows, and fails on its own answer",
        {"success": False, "element_count": 2, "unexpected_count": 1, "rows": [3]},
        "raised",
    ),
    (
        expectation("expect_column_values_to_be_in_set", column="日", value_set=["2017-01-01"]),
        "GX holds the set's texts against datetime.date, which equals none of them",
        {"success": False, "element_count": 7, "unexpected_count": 4, "rows": [4, 5, 6, 7]},
        {"success": False, "element_count": 7, "unexpected_count": 5, "rows": [2, 4, 5, 6, 7]},
    ),
    (
        expectation("expect_column_values_to_be_between", column="时", max_value="2018-01-01"),
        "GX makes a date of the limit, which pandas doesn't compare with times",
        {"success": False, "element_count": 7, "unexpected_count": 2, "rows": [4, 7]},
        "raised",
    ),
    (
        expectation("expect_column_values_to_match_regex", column="数", regex="^-?[0-9]$"),
        "beside missing values pandas makes floats of whole numbers, and GX sees 1.0",
        {"success": True, "element_count": 7, "unexpected_count": 0, "rows": []},
        {"success": False, "element_count": 7, "unexpected_count": 5, "rows": [2, 3, 5, 6, 7]},
    ),
    (
        expectation("expect_column_value_lengths_to_equal", column="数", value=1, mostly=0.7),
        "likewise",
        {"success": True, "element_count": 7, "unexpected_count": 1, "rows": [7]},
        {"success": False, "element_count": 7, "unexpected_count": 5, "rows": [2, 3, 5, 6, 7]},
    ),
]


@pytest.mark.parametrize(("case", "_why", "ours", "theirs"), DIFFERENCES, ids=[why for _, why, *_ in DIFFERENCES])
def test_where_gx_itself_is_at_odds(case: dict[str, Any], _why: str, ours: Answer, theirs: Answer | str) -> None:
    answers = ask(SCHEMA, ROWS, [case])

    assert answers.ours == [ours]
    assert ("raised" if "raised" in answers.theirs[0] else answers.theirs[0]) == theirs


def _like(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("%", "*").replace("_", "?"))


def test_like_patterns_match_as_in_sql() -> None:
    texts = ["张三", None, "李四", "100%", "a_b", ""]
    schema = {"fields": [{"name": "甲"}]}
    wanted = {
        "李%": ("expect_column_values_to_match_like_pattern", {"like_pattern": "李%"}),
        "_": ("expect_column_values_to_not_match_like_pattern", {"like_pattern": "__"}),
    }
    for pattern, (kind, kwargs) in wanted.items():
        negated = "not" in kind
        there = [(row, text) for row, text in enumerate(texts, start=2) if text]
        failing = [row for row, text in there if _like(text, kwargs["like_pattern"]) is negated]
        [ours] = ask(schema, [[text] for text in texts], [expectation(kind, column="甲", **kwargs)], oracle=False).ours
        assert (ours["rows"], ours["element_count"]) == (failing, 6), pattern


def test_like_patterns_in_lists_and_with_an_escape() -> None:
    rows = [["张三"], ["100%"], ["a_b"], ["axb"]]
    cases = [
        expectation("expect_column_values_to_match_like_pattern", column="甲", like_pattern=r"%\%", escape="\\"),
        expectation("expect_column_values_to_match_like_pattern_list", column="甲", like_pattern_list=["张%", "a%"]),
        expectation(
            "expect_column_values_to_match_like_pattern_list",
            column="甲",
            like_pattern_list=["a%", "%b"],
            match_on="all",
        ),
        expectation(
            "expect_column_values_to_not_match_like_pattern_list",
            column="甲",
            like_pattern_list=["a!_b", "张%"],
            escape="!",
        ),
    ]
    ours = ask({"fields": [{"name": "甲"}]}, rows, cases, oracle=False).ours

    assert [answer["rows"] for answer in ours] == [[2, 4, 5], [3], [2, 3], [2, 4]]
