"""What of a new release someone must confirm: rows beyond the share and the floor, and what breaks readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.commands.confirming import confirmed_or_blocked, leaps, read_confirmations
from pipelines.handover import Changes, Release
from pipelines.plan import Decision, Verdict
from resource_catalog.agency import Thresholds
from resource_catalog.errors import UsageError
from resource_catalog.table_schema import TableSchema, parse_table_schema


def schema(*fields: dict[str, Any], **more: Any) -> TableSchema:
    return parse_table_schema({"fields": list(fields), **more}, "test")


PLAIN = schema({"name": "a", "type": "string"}, {"name": "b", "type": "date"})


def release(rows: int) -> Release:
    return Release("tides", 1, Path("nowhere"), "", {}, rows, Changes())


def asked(before: int, now: int, **thresholds: Any) -> bool:
    return bool(leaps(PLAIN, now, PLAIN, release(before), PLAIN, Thresholds(**thresholds)))


@pytest.mark.parametrize(
    ("before", "now", "thresholds", "asks"),
    [
        (1000, 750, {}, False),
        (1000, 749, {}, True),
        (1000, 1250, {}, False),
        (1000, 1251, {}, True),
        (100, 51, {}, False),
        (100, 50, {}, True),
        (0, 49, {}, False),
        (0, 50, {}, True),
        (0, 0, {"rows_change_floor": 0}, False),
        (10, 9, {"rows_change_floor": 0, "rows_change": 0.05}, True),
        (100, 71, {"rows_change_floor": 1, "rows_change": 0.29}, False),  # 0.29 * 100 is a little less than 29
        (100, 70, {"rows_change_floor": 1, "rows_change": 0.29}, True),
        (100, 700, {"rows_change": 6.0}, False),
        (100, 701, {"rows_change": 6.0}, True),
    ],
)
def test_beyond_the_share_and_not_below_the_floor(
    before: int, now: int, thresholds: dict[str, Any], asks: bool
) -> None:
    assert asked(before, now, **thresholds) is asks


@given(st.integers(0, 10**9), st.integers(0, 49))
def test_fewer_rows_than_the_floor_never_ask(before: int, change: int) -> None:
    assert not asked(before, before + change)
    assert not asked(before + change, before)


@pytest.mark.parametrize(
    ("now", "needed"),
    [
        (PLAIN, ()),
        (schema({"name": "b", "type": "date"}, {"name": "a", "type": "string", "title": "甲"}), ()),
        (schema({"name": "a", "type": "string"}, {"name": "b", "type": "date"}, {"name": "c"}), ()),
        (schema({"name": "a", "type": "string"}), ("column gone: b",)),
        (schema({"name": "a", "type": "string"}, {"name": "b", "type": "string"}), ("type of b: date → string",)),
        (
            schema({"name": "a", "type": "string"}, {"name": "b", "type": "date"}, primaryKey="a"),
            ("primary key: none → a",),
        ),
    ],
)
def test_what_breaks_readers(now: TableSchema, needed: tuple[str, ...]) -> None:
    assert leaps(now, 5, now, release(5), PLAIN, Thresholds()) == needed


def test_a_column_that_the_schema_closes_is_no_break() -> None:
    public = schema({"name": "a", "type": "string"})
    assert leaps(public, 5, PLAIN, release(5), PLAIN, Thresholds()) == ()


def decided(needed: tuple[str, ...], given: dict[str, str], inputs: str = "sha256:1") -> Decision:
    decision = Decision("tides", "潮汐", "观测处", Verdict.UPDATE, "the data changed", release=2, inputs=inputs)
    return confirmed_or_blocked(decision, needed, given, 1)


def test_a_confirmation_holds_for_its_figures_and_its_inputs_alone() -> None:
    blocked = decided(("rows 2 → 1",), {})
    assert (blocked.verdict, blocked.release) == (Verdict.BLOCKED, 1)
    assert blocked.confirmation is not None
    given = {blocked.confirmation.token: "李"}
    assert decided(("rows 2 → 1",), given).verdict is Verdict.UPDATE
    assert decided(("rows 2 → 0",), given).verdict is Verdict.BLOCKED
    assert decided(("rows 2 → 1",), given, inputs="sha256:2").verdict is Verdict.BLOCKED
    assert decided((), given).confirmation is None


def test_nobody_confirms_without_a_name() -> None:
    assert read_confirmations(["tides:0123abcd"], " 李 ") == {"tides:0123abcd": "李"}
    assert read_confirmations([], "") == {}
    with pytest.raises(UsageError):
        read_confirmations(["tides:0123abcd"], "")
