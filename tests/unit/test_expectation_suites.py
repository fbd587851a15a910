"""Suites: read strictly, told by file and position where they are wrong, and judged in the one scan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from quality.bad_cells import mark_bad_cells
from quality.expectations.compiler import compile_suite
from quality.expectations.judge import judge
from quality.expectations.suite import Suite, read_suite
from quality.finding import Severity, Validation
from quality.scan import Scan
from quality.table import BAD_CELLS
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema
from tests.expectation_oracle import expectation, fill

SCHEMA = parse_table_schema(
    {
        "fields": [
            {"name": "名称", "disclosure": "share"},
            {"name": "起", "type": "date"},
            {"name": "止", "type": "date"},
            {"name": "数", "type": "integer"},
        ]
    },
    "test",
)
ROWS = [
    ("张三", "2017-01-01", "2018-01-01", "1"),
    ("李四", "2017-01-01", "2016-01-01", "2"),
    (None, "2017-01-01", None, "3"),
    ("张三", None, "2016-01-01", "4"),
]
ORDER = {"column_A": "止", "column_B": "起", "or_equal": True, "ignore_row_if": "either_value_is_missing"}
IN_ORDER = "expect_column_pair_values_a_to_be_greater_than_b"


def _suite(*expectations: Mapping[str, Any]) -> Suite:
    return Suite.model_validate({"name": "测试", "expectations": list(expectations), "file": "s.json"})


def _judged(
    suite: Suite, rows: Sequence[Sequence[str | None]] = ROWS, **options: Any
) -> tuple[Scan, Validation, list[tuple[str, int, str]]]:
    """What the scan found, the validation, and every bad cell."""
    with duckdb.connect() as connection:
        fill(connection, SCHEMA.names, rows)
        found, validation = judge(connection, SCHEMA, SCHEMA.names, suite, **options)
        mark_bad_cells(connection, found)
        cells = connection.execute(f'SELECT outcome, "row", "column" FROM {BAD_CELLS} ORDER BY ALL').fetchall()
    assert validation is not None
    codes = [(found.outcomes[position].check.rule.code, row, column) for position, row, column in cells]
    return found, validation, codes


def _placed(found: Scan) -> list[tuple[str, Severity, int | None, str, str | None]]:
    return [(one.rule, one.severity, one.row, one.column, one.value) for one in found.findings]


def test_a_failure_is_a_finding_with_its_row_and_all_its_cells() -> None:
    found, validation, cells = _judged(_suite(expectation(IN_ORDER, **ORDER)))

    code = IN_ORDER.replace("_", "-")
    assert _placed(found) == [(code, Severity.MUST, 3, "止, 起", "2016-01-01, 2017-01-01")]
    assert found.counts == {code: 1}
    assert cells == [(code, 3, "止"), (code, 3, "起")]
    assert (validation.met, validation.document["success"]) == (0, False)


@pytest.mark.parametrize(
    ("severity", "counts", "severities"),
    [
        ("critical", {"expect-column-values-to-be-unique": 2}, [Severity.MUST, Severity.MUST]),
        ("warning", {"expect-column-values-to-be-unique": 2}, [Severity.SHOULD, Severity.SHOULD]),
        ("info", {}, []),
    ],
)
def test_severity(severity: str, counts: dict[str, int], severities: list[Severity]) -> None:
    unique = {**expectation("expect_column_values_to_be_unique", column="名称"), "severity": severity}
    found, validation, cells = _judged(_suite(unique))

    assert found.counts == counts
    assert [one.severity for one in found.findings] == severities
    assert set(found.severities().values()) == set(severities)
    assert len(cells) == sum(counts.values())
    assert validation.met == 0
    assert validation.told == (("expect_column_values_to_be_unique",) if severity == "info" else ())


def test_what_mostly_tolerates_is_no_finding_and_no_bad_cell() -> None:
    lenient = expectation("expect_column_values_to_be_between", column="数", max_value=3, mostly=0.75)
    strict = expectation("expect_column_values_to_be_between", column="数", max_value=3, mostly=0.76)

    found, validation, cells = _judged(_suite(lenient))
    assert (found.counts, found.findings, cells, validation.met) == ({}, (), [], 1)
    assert [(outcome.judged, outcome.failed, outcome.tolerated) for outcome in found.outcomes][-1] == (4, 0, 1)
    found, _, cells = _judged(_suite(strict))
    assert [row for _, row, _ in cells] == [one.row for one in found.findings] == [5]


def test_two_severities_of_one_rule_are_told_by_the_graver_that_failed() -> None:
    warned = {**expectation("expect_column_values_to_be_between", column="数", max_value=3), "severity": "warning"}
    kept = expectation("expect_column_values_to_be_between", column="数", min_value=1)
    broken = expectation("expect_column_values_to_be_between", column="数", min_value=2)

    assert set(_judged(_suite(warned, kept))[0].severities().values()) == {Severity.SHOULD}
    assert set(_judged(_suite(warned, broken))[0].severities().values()) == {Severity.MUST}


def test_an_aggregate_that_fails_is_one_finding_without_a_row() -> None:
    found, validation, cells = _judged(_suite(expectation("expect_column_max_to_be_between", column="数", max_value=3)))

    assert _placed(found) == [("expect-column-max-to-be-between", Severity.MUST, None, "数", None)]
    assert (found.counts, cells) == ({"expect-column-max-to-be-between": 1}, [])
    assert validation.document["results"][0]["result"]["observed_value"] == 4


@pytest.mark.parametrize(
    ("kind", "lists"),
    [
        ("BOOLEAN_ONLY", None),
        ("BASIC", {"partial_unexpected_list"}),
        (
            "SUMMARY",
            {"partial_unexpected_list", "partial_unexpected_counts", "partial_unexpected_index_list"},
        ),
        (
            "COMPLETE",
            {
                "partial_unexpected_list",
                "partial_unexpected_counts",
                "partial_unexpected_index_list",
                "unexpected_list",
                "unexpected_index_list",
            },
        ),
    ],
)
def test_result_formats(kind: str, lists: set[str] | None) -> None:
    unique = expectation("expect_column_values_to_be_unique", column="名称", result_format=kind)
    [result] = _judged(_suite(unique))[1].document["results"]

    assert {name for name in result["result"] if name.endswith(("_list", "_counts"))} == (lists or set())
    assert ("element_count" in result["result"]) is (lists is not None)
    if lists and "unexpected_index_list" in lists:
        assert result["result"]["unexpected_index_list"] == [2, 5]


def test_personal_values_are_masked_wherever_they_stand() -> None:
    suite = _suite(
        expectation("expect_column_values_to_be_unique", column="名称", result_format="COMPLETE"),
        expectation("expect_column_most_common_value_to_be_in_set", column="名称", value_set=["王五"]),
        expectation("expect_compound_columns_to_be_unique", column_list=["名称", "数"], result_format="COMPLETE"),
        expectation("expect_column_values_to_be_in_type_list", column="名称", type_list=["int"]),
    )
    found, validation, _ = _judged(suite)

    said = json.dumps(validation.document, ensure_ascii=False, default=str) + str(found.findings)
    assert "张*" in said
    assert "张三" not in said
    assert "李四" not in said


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (expectation("expect_column_values_to_be_tidy", column="数"), "no such expectation"),
        (expectation("expect_column_values_to_be_unique", column="号"), "no column '号'"),
        (expectation("expect_column_values_to_be_unique", column="数", strict=True), "no argument strict"),
        (expectation("expect_column_values_to_be_between", column="数"), "can't both be missing"),
        (expectation("expect_column_values_to_be_between", column="数", min_value=3, max_value=1), "greater than"),
        (expectation("expect_column_values_to_be_between", column="起", min_value=3), "can't be compared"),
        (expectation("expect_column_values_to_be_between", column="名称", min_value=3), "text column"),
        (expectation("expect_column_values_to_match_regex", column="名称", regex="("), "no regular expression"),
        (expectation("expect_column_values_to_be_unique", column="数", mostly=2), "mostly"),
        (expectation("expect_compound_columns_to_be_unique", column_list=["数", "号"]), "no column '号'"),
        (expectation("expect_column_mean_to_be_between", column="起", min_value=1), "date column"),
        (
            expectation(
                "expect_column_values_to_be_unique",
                column="数",
                row_condition={"type": "nullity", "column": {"name": "号"}, "is_null": True},
            ),
            "no column '号'",
        ),
    ],
)
def test_a_wrong_expectation_is_told_by_file_and_position(broken: dict[str, Any], words: str) -> None:
    right = expectation("expect_column_values_to_be_unique", column="数")
    suite = _suite(right, broken).model_copy(update={"file": "suites/s.json"})

    with pytest.raises(WorkspaceError, match=words) as raised:
        compile_suite(suite, SCHEMA, SCHEMA.names)
    assert raised.value.where == f"suites/s.json, expectation 2 ({broken['type']})"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", ""),
        ("[]", ""),
        ('{"expectations": []}', "name"),
        ('{"name": "s", "expectations": [{"type": "expect_x", "kwargs": {}, "mostly": 1}]}', "expectations.1.mostly"),
        ('{"name": "s", "expectations": [{"type": "expect_x", "severity": "fatal"}]}', "expectations.1.severity"),
        ('{"name": "s", "expectation": []}', "expectation"),
        ('{"name": "s", "suite_parameters": {"a": 1}}', "suite_parameters"),
    ],
)
def test_a_broken_file_is_told_by_its_place(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "s.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(WorkspaceError) as raised:
        read_suite(file)
    assert raised.value.where == str(file)
    assert place in raised.value.what


def test_a_suite_that_gx_wrote_is_read(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    written = {
        "name": "测试",
        "id": "5c3a",
        "expectations": [
            {
                "type": "expect_column_values_to_be_unique",
                "kwargs": {"column": "数"},
                "meta": {},
                "id": "1",
                "severity": "warning",
                "rendered_content": [],
            }
        ],
        "meta": {"great_expectations_version": "1.24.1"},
        "notes": None,
    }
    file.write_text(json.dumps(written), encoding="utf-8")

    assert read_suite(file).expectations[0].severity == "warning"


def test_a_column_that_the_source_lacks_leaves_its_expectation_unanswered() -> None:
    with duckdb.connect() as connection:
        fill(connection, SCHEMA.names[:3], [row[:3] for row in ROWS])
        suite = _suite(
            expectation("expect_column_values_to_be_unique", column="数"),
            expectation("expect_column_to_exist", column="数"),
            expectation("expect_table_column_count_to_equal", value=3),
        )
        found, validation = judge(connection, SCHEMA, SCHEMA.names[:3], suite)

    assert validation is not None
    assert [result["success"] for result in validation.document["results"]] == [False, False, True]
    assert validation.document["results"][0]["exception_info"]["raised_exception"] is True
    assert set(found.counts) == {"missing-column", "expect-column-to-exist"}
