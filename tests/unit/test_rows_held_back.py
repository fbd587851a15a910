"""Rows that break rules leave the table until none does, or all stay where too many would have to go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.finding import Severity
from quality.quarantine import Separation, put_back, separate
from quality.scan import Outcome, Scan, scan
from quality.table import EXTRACT, EXTRACT_WHOLE, ROW
from resource_catalog.quality_settings import Quarantine
from resource_catalog.table_schema import TableSchema, parse_table_schema

#: Each unit names the one above it, in the same table.
UNITS = {
    "fields": [
        {"name": "编号", "type": "integer", "constraints": {"required": True}},
        {"name": "上级", "type": "integer"},
    ],
    "primaryKey": "编号",
    "foreignKeys": [{"fields": ["上级"], "reference": {"resource": "", "fields": ["编号"]}}],
}
Rows = Sequence[tuple[str | None, str | None]]


def _failing(found: Scan) -> tuple[Outcome, ...]:
    return tuple(one for one in found.outcomes if one.failed and one.check.rule.severity is Severity.MUST)


def _fill(connection: duckdb.DuckDBPyConnection, rows: Rows, view: bool) -> None:
    table = "cells" if view else EXTRACT
    connection.execute(f'CREATE TABLE {table} ("{ROW}" BIGINT, "编号" VARCHAR, "上级" VARCHAR)')
    for number, row in enumerate(rows, start=2):
        connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", [number, *row])
    if view:
        connection.execute(f"CREATE VIEW {EXTRACT} AS SELECT * FROM {table}")


def _left(connection: duckdb.DuckDBPyConnection) -> list[int]:
    return [row for (row,) in connection.execute(f'SELECT "{ROW}" FROM {EXTRACT} ORDER BY 1').fetchall()]


def separated(rows: Rows, limit: int, *, view: bool = False) -> tuple[Separation, list[int]]:
    """What came of it, and the rows that are left."""
    schema: TableSchema = parse_table_schema(UNITS, "units")
    with duckdb.connect() as connection:
        _fill(connection, rows, view)

        def judge() -> Scan:
            return scan(connection, schema, schema.names)

        found = separate(connection, judge(), limit, judge, _failing, {})
        left = _left(connection)
        put_back(connection)
        assert _left(connection) == list(range(2, len(rows) + 2))
        whole = connection.execute(f"SELECT count(*) FROM {EXTRACT_WHOLE}").fetchone()
        assert whole == (len(rows),)
    return found, left


CHAIN: Rows = (("1", None), ("x", "1"), ("3", "1"), ("4", "3"), ("5", "4"), ("3", None), ("7", "1"))


@pytest.mark.parametrize("view", [False, True])
def test_what_refers_to_a_row_that_went_goes_too(view: bool) -> None:
    found, left = separated(CHAIN, 5, view=view)
    assert left == [2, 8]
    assert (found.rows, found.rules) == (5, {"foreign-key": 2, "primary-key": 2, "type": 1})
    assert found.rest is not None
    assert found.rest.rows == 2
    assert {(one.rule, one.row) for one in found.findings} == {
        ("type", 3),
        ("primary-key", 7),
        ("foreign-key", 5),
        ("foreign-key", 6),
    }


def test_too_many_by_one_that_only_shows_at_last_leaves_all() -> None:
    found, left = separated(CHAIN, 4)
    assert found.rest is None
    assert left == [2, 3, 4, 5, 6, 7, 8]


def test_the_last_row_is_never_held_back() -> None:
    found, left = separated([("x", None)], 9)
    assert (found.rest, found.rows, left) == (None, 1, [2])


def test_a_fault_that_no_row_answers_for_ends_it() -> None:
    with duckdb.connect() as connection:
        _fill(connection, [("1", None), ("2", None)], view=False)
        schema = parse_table_schema(UNITS, "units")
        whole = scan(connection, schema, schema.names)
        found = separate(connection, whole, 2, lambda: whole, lambda one: one.outcomes[:1], {})
        assert (found.rest, found.rows, _left(connection)) == (None, 0, [2, 3])


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["1", "2", "3", "4", "x", None]), st.sampled_from(["1", "2", "5", None])),
        min_size=1,
        max_size=8,
    ),
    limit=st.integers(0, 8),
)
def test_what_is_left_is_right_and_nothing_right_is_held_back(rows: Rows, limit: int) -> None:
    found, left = separated(rows, limit)
    good = _without_faults(rows)
    if not good or len(rows) - len(good) > limit:
        assert left == list(range(2, len(rows) + 2))
        assert len(good) == len(rows) or found.rest is None
    else:
        assert left == good
        assert found.rows == len(rows) - len(good)


def _without_faults(rows: Rows) -> list[int]:
    """The same by plain loops: rows without a fault of their own, then without those that refer to none of them."""
    left = {number: row for number, row in enumerate(rows, start=2)}
    while True:
        keys = [key for key, _above in left.values()]
        bad = [
            number
            for number, (key, above) in left.items()
            if key in ("x", None) or keys.count(key) > 1 or (above is not None and above not in keys)
        ]
        if not bad:
            return sorted(left)
        for number in bad:
            del left[number]


@pytest.mark.parametrize(
    ("ceiling", "rows", "limit"),
    [
        ({"share": 0.01}, 99, 0),
        ({"share": 0.01}, 100, 1),
        ({"share": 0.29}, 100, 29),
        ({"share": 0.07}, 100, 7),
        ({"share": 1}, 0, 0),
        ({"share": 1, "rows": 5}, 100, 5),
        ({"share": 0.01, "rows": 5}, 100, 1),
    ],
)
def test_both_limits_hold(ceiling: dict[str, Any], rows: int, limit: int) -> None:
    assert Quarantine(**ceiling).limit(rows) == limit
