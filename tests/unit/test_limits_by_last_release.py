"""Limits that the last release tells: its own value of the same aggregate, with the column's rows and conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from quality.expectations.judge import judge
from quality.expectations.last_release import LastRelease
from quality.expectations.suite import Suite
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema
from tests.expectation_oracle import expectation, fill

SCHEMA = parse_table_schema({"fields": [{"name": "数", "type": "integer"}, {"name": "区"}]}, "test")
ROWS = [(str(number), "乙") for number in range(8)]
BIG = {"type": "comparison", "column": {"name": "数"}, "operator": ">", "parameter": 2}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Ten rows, of the numbers 0 to 9."""
    file = tmp_path / "it's.parquet"
    with duckdb.connect() as connection:
        target = str(file).replace("'", "''")
        connection.execute(f"COPY (SELECT i AS 数, '甲' AS 区 FROM range(10) AS t(i)) TO '{target}' (FORMAT parquet)")
    return file


def _results(previous: LastRelease | None, *expectations: dict[str, Any]) -> list[tuple[bool, object, object]]:
    suite = Suite.model_validate({"name": "s", "expectations": list(expectations)})
    with duckdb.connect() as connection:
        fill(connection, SCHEMA.names, ROWS)
        _, validation = judge(connection, SCHEMA, SCHEMA.names, suite, previous=previous)
    assert validation is not None
    return [
        (result["success"], result["result"]["observed_value"], result["result"]["previous"])
        for result in validation.document["results"]
    ]


def _limit(words: str) -> dict[str, str]:
    return {"$PARAMETER": words}


def test_the_same_aggregate_is_taken_of_the_release(release: Path) -> None:
    found = _results(
        LastRelease(release, ("数", "区")),
        expectation("expect_table_row_count_to_be_between", min_value=_limit("0.75 * previous")),
        expectation("expect_table_row_count_to_be_between", min_value=_limit("previous - 1")),
        expectation(
            "expect_column_mean_to_be_between", column="数", min_value=_limit("0.9*previous"), row_condition=BIG
        ),
        expectation(
            "expect_column_unique_value_count_to_be_between", column="区", max_value=_limit("previous"), min_value=1
        ),
        expectation("expect_column_max_to_be_between", column="数", max_value=_limit("previous + 5")),
    )
    assert found == [(True, 8, 10), (False, 8, 10), (False, 5.0, 6.0), (True, 1, 1), (True, 7, 9)]


@pytest.mark.parametrize("columns", [None, ("区",)])
def test_without_the_release_or_its_column_nothing_is_asked(release: Path, columns: tuple[str, ...] | None) -> None:
    previous = None if columns is None else LastRelease(release, columns)
    mean = expectation("expect_column_mean_to_be_between", column="数", min_value=_limit("100 * previous"))

    assert _results(previous, mean) == [(True, 3.5, None)]


@pytest.mark.parametrize("words", ["previous * 2", "previous ** 2", "2 previous", "previous rows"])
def test_other_arithmetic_is_refused(words: str) -> None:
    with pytest.raises(WorkspaceError, match="is not as in"):
        _results(None, expectation("expect_table_row_count_to_be_between", min_value=_limit(words)))
