"""What the compiler lacks is asked of GX itself, which the quality result says; results load into GX's own class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from quality.aggregates import sql_of
from quality.expectations import fallback
from quality.expectations.compiler import compile_suite
from quality.expectations.judge import judge
from quality.expectations.suite import Suite
from quality.finding import Validation
from quality.rules.check import RowCheck
from quality.scan import Scan
from quality.table import EXTRACT, ROW
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema
from tests.expectation_oracle import expectation, fill

SCHEMA = parse_table_schema({"fields": [{"name": "甲"}, {"name": "数", "type": "integer"}]}, "test")
Row = Sequence[str | None]
ROWS: list[Row] = [('{"a": 1}', "1"), ('{"a": "x"}', "2"), (None, "3"), ('{"a": 2}', None)]
NUMBERED = {"type": "object", "properties": {"a": {"type": "integer"}}}
MATCHES = expectation("expect_column_values_to_match_json_schema", column="甲", json_schema=NUMBERED)
OF_TYPE = expectation("expect_column_values_to_be_of_type", column="甲", type_="int")
PANDAS_ONLY = {"row_condition": "数 > 1 and 数 < 3", "condition_parser": "pandas"}


def _judged(*expectations: dict[str, Any], rows: Sequence[Row] = ROWS) -> tuple[Scan, Validation]:
    suite = Suite.model_validate({"name": "测试", "expectations": list(expectations)})
    with duckdb.connect() as connection:
        fill(connection, SCHEMA.names, rows)
        found, validation = judge(connection, SCHEMA, SCHEMA.names, suite)
    assert validation is not None
    return found, validation


def test_rows_and_aggregates_that_gx_judged_are_findings_like_others() -> None:
    found, validation = _judged(MATCHES, {**OF_TYPE, "severity": "warning"})

    assert [(one.rule, one.row, one.column) for one in found.findings] == [
        ("expect-column-values-to-match-json-schema", 3, "甲"),
        ("expect-column-values-to-be-of-type", None, "甲"),
    ]
    assert [outcome.failed for outcome in found.outcomes][-2:] == [1, 1]
    assert [name.split(":")[0] for name in validation.fell_back] == [
        "1 expect_column_values_to_match_json_schema",
        "2 expect_column_values_to_be_of_type",
    ]


def test_an_option_that_only_gx_knows_falls_back_alone() -> None:
    condition = expectation("expect_column_values_to_be_in_set", column="数", value_set=[2], **PANDAS_ONLY)
    native = expectation("expect_column_values_to_be_in_set", column="数", value_set=[1, 2, 3])
    _, validation = _judged(native, condition)

    assert [name.split(":")[0] for name in validation.fell_back] == ["2 expect_column_values_to_be_in_set"]
    assert [result["result"]["element_count"] for result in validation.document["results"]] == [4, 1]
    assert validation.met == 2


def test_too_many_cells_for_gx_are_refused_by_the_columns_that_are_asked_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "MOST_CELLS", 4)
    _judged(MATCHES)  # is about one of the two columns

    monkeypatch.setattr(fallback, "MOST_CELLS", 3)
    with pytest.raises(WorkspaceError, match="holds 3 cells; there are 4 rows of 1 columns") as raised:
        _judged(MATCHES)
    assert "expectation 1" in raised.value.where


def test_what_compares_rows_is_refused_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "MOST_COMPARED_CELLS", 7)
    with pytest.raises(WorkspaceError, match="holds 7 cells; there are 4 rows of 2 columns"):
        _judged(expectation("expect_column_values_to_be_unique", column="甲", **PANDAS_ONLY))


def test_a_table_that_is_judged_twice_keeps_what_failed_the_first_time() -> None:
    """As where rows are held back: what fails is asked again after the rest was judged."""
    suite = Suite.model_validate({"name": "测试", "expectations": [MATCHES]})
    with duckdb.connect() as connection:
        fill(connection, SCHEMA.names, ROWS)
        first, _ = judge(connection, SCHEMA, SCHEMA.names, suite)
        connection.execute(f"DELETE FROM {EXTRACT} WHERE 甲 IS NULL")
        connection.execute(f"INSERT INTO {EXTRACT} VALUES (9, '{{\"a\": \"y\"}}', '1')")
        judge(connection, SCHEMA, SCHEMA.names, suite)

        check = first.outcomes[-1].check
        assert isinstance(check, RowCheck)
        failing = connection.execute(f"SELECT {ROW} FROM {EXTRACT} WHERE {sql_of(check.fails)}").fetchall()
    assert failing == [(3,)]


def test_a_column_whose_name_has_quotes_is_given_to_gx() -> None:
    odd = parse_table_schema({"fields": [{"name": '甲"乙'}, {"name": "数", "type": "integer"}]}, "test")
    asked = expectation("expect_column_values_to_be_in_set", column='甲"乙', value_set=["a"], **PANDAS_ONLY)
    with duckdb.connect() as connection:
        connection.execute(f'CREATE TABLE {EXTRACT} ("{ROW}" BIGINT, "甲""乙" VARCHAR, "数" VARCHAR)')
        connection.execute(f"INSERT INTO {EXTRACT} VALUES (2, 'a', '1'), (3, 'b', '2')")
        suite = Suite.model_validate({"name": "测试", "expectations": [asked]})
        found, _ = judge(connection, odd, odd.names, suite)
    assert [one.row for one in found.findings] == [3]


@pytest.mark.parametrize("part", [1, 2, 3, 100])
def test_what_gx_says_part_by_part_is_what_it_says_of_the_whole(monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """Of expectations that judge each row alone; what compares rows is asked of the whole table."""
    monkeypatch.setattr(fallback, "PART", part)
    beyond_one = {"row_condition": "数 > 1 or 数 != 数", "condition_parser": "pandas"}
    even = expectation("expect_column_values_to_be_in_set", column="数", value_set=[2], **beyond_one)
    once = expectation("expect_column_values_to_be_unique", column="数", **beyond_one)
    rows = [*ROWS, ('{"a": "y"}', "2"), ('{"a": "z"}', "4")]
    found, validation = _judged(MATCHES, even, once, rows=rows)

    told = sorted((one.rule, one.row or 0) for one in found.findings)
    assert told == [
        ("expect-column-values-to-be-in-set", 4),
        ("expect-column-values-to-be-in-set", 7),
        ("expect-column-values-to-be-unique", 3),
        ("expect-column-values-to-be-unique", 6),
        ("expect-column-values-to-match-json-schema", 3),
        ("expect-column-values-to-match-json-schema", 6),
        ("expect-column-values-to-match-json-schema", 7),
    ]
    counts = [(r["result"]["element_count"], r["result"]["unexpected_count"]) for r in validation.document["results"]]
    assert counts == [(6, 3), (5, 2), (5, 2)]
    assert len(validation.fell_back) == 3


def test_what_gx_cannot_answer_is_said_without_a_cells_value() -> None:
    with pytest.raises(WorkspaceError, match="can't answer") as raised:
        _judged(MATCHES, rows=[("秘密", "1")])  # GX raises where a text is no JSON at all
    assert "expectation 1" in raised.value.where
    assert "秘密" not in str(raised.value)


def test_a_validation_result_loads_into_gx() -> None:
    _, validation = _judged(
        MATCHES,
        expectation("expect_column_values_to_be_unique", column="数", result_format="COMPLETE"),
        expectation("expect_table_row_count_to_equal", value=5),
        expectation("expect_column_values_to_not_be_null", column="甲", result_format="BOOLEAN_ONLY"),
    )
    from quality.expectations.great_expectations_engine import load_validation

    loaded = load_validation(validation.document)
    assert loaded.success is False
    assert [result.success for result in loaded.results] == [False, True, False, False]
    assert loaded.statistics["successful_expectations"] == 1
    assert loaded.results[0].expectation_config.type == "expect_column_values_to_match_json_schema"
    assert loaded.to_json_dict()["suite_name"] == "测试"


def test_the_projects_own_expectations_are_classes_of_gx() -> None:
    from quality.expectations.great_expectations_engine import CUSTOM_EXPECTATIONS

    [compiled] = compile_suite(
        Suite.model_validate(
            {"name": "s", "expectations": [expectation("expect_column_values_to_be_uscc", column="甲")]}
        ),
        SCHEMA,
        SCHEMA.names,
    )
    assert compiled.check is not None
    assert CUSTOM_EXPECTATIONS["expect_column_values_to_be_uscc"](column="甲", mostly=0.5).mostly == 0.5
