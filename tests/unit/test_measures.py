"""What a check counts for the score: the A and B of every indicator, from real scans of small tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.assessment import Counted, Tally
from quality.measures import measure
from quality.scan import scan
from quality.score import assess
from quality.score_profiles import NATIONAL, REGIONAL
from resource_catalog.table_schema import parse_table_schema

Measure = Callable[..., dict[str, Counted]]


@pytest.fixture
def measured(tmp_path: Path) -> Measure:
    """Counts of rows against a schema; their columns are the schema's unless `headings` says others."""
    counter = iter(range(1000))

    def measurer(
        schema: dict[str, Any],
        rows: Sequence[Sequence[str | None]],
        headings: Sequence[str] = (),
        reading: Mapping[str, int] | None = None,
        examples: int = 10,
    ) -> dict[str, Counted]:
        names = list(headings) or [field["name"] for field in schema["fields"]]
        parsed = parse_table_schema(schema, "test")
        with open_work(tmp_path / f"{next(counter)}.duckdb", folders=[tmp_path]) as connection:
            write_rows(connection, names, enumerate(rows, start=2))
            found = scan(connection, parsed, names, examples=examples)
            return measure(connection, found, parsed, names, reading or {})

    return measurer


def fields(*names: str, **constraints: Any) -> list[dict[str, Any]]:
    return [{"name": name, "type": "string", "constraints": constraints} for name in names]


def test_worked_table_of_the_standard(measured: Measure) -> None:
    """standards.md 2.1: 10 records of 5 mandatory fields, 47 filled, one exact duplicate."""
    rows: list[list[str | None]] = [[str(number), "a", "b", "c", "d"] for number in range(9)]
    rows[0][1] = rows[1][2] = rows[2][3] = None
    rows.append(list(rows[8]))
    counts = measured({"fields": fields("id", "p", "q", "r", "s", required=True), "primaryKey": "id"}, rows)

    national, regional = assess(counts, NATIONAL), assess(counts, REGIONAL)
    filled, repeated, unique = (national.indicator(code) for code in ("0201", "0303", "0304"))
    assert (filled.a, filled.b, filled.value) == (47, 50, 0.94)
    assert (repeated.a, repeated.b, repeated.value) == (1, 10, 0.1)
    assert (unique.a, unique.b, unique.value) == (9, 10, 0.9)
    turned = regional.indicator("030300")
    assert (turned.a, turned.b, turned.value) == (1, 10, 0.9)
    assert national.indicator("0202").value is None
    assert national.dimensions["完整性"] == 94.0


@pytest.mark.parametrize("examples", [10, 1])
def test_a_cell_that_breaks_two_rules_is_dirty_once(measured: Measure, examples: int) -> None:
    """With one example a check, the table must be asked; with ten, the examples tell."""
    schema = {"fields": [{"name": "甲", "type": "integer", "constraints": {"pattern": "[0-9]", "maximum": 5}}]}
    counts = measured(schema, [["1"], ["x"], ["77"], ["7"], ["y"], [""]], examples=examples)

    assert counts["0305"].whole == Tally(5, 4)
    assert counts["0305"].rules == {"type": Tally(5, 2), "pattern": Tally(5, 3), "bounds": Tally(5, 2)}
    assert counts["0302"].whole == Tally(15, 7)


def test_dirty_cells_of_several_columns_are_added(measured: Measure) -> None:
    schema = {
        "fields": [
            {"name": "甲", "type": "integer", "constraints": {"pattern": "[0-9]"}},
            {"name": "乙", "type": "integer", "constraints": {"pattern": "(?!0)[0-9]"}},  # not RE2
            {"name": "丙", "type": "string", "constraints": {"maxLength": 1}},
            {"name": "丁", "type": "string"},
        ]
    }
    rows = [["x", "x", "xx", "x"]] * 3 + [["1", "1", "1", "1"]]
    assert measured(schema, rows, examples=1)["0305"].whole == Tally(12, 9)


def test_what_no_rule_of_validity_judges_is_not_counted_as_clean(measured: Measure) -> None:
    counts = measured({"fields": fields("甲", required=True)}, [["1"], [None]])
    assert set(counts) == {"0102", "0201"}
    assert counts["0201"].whole == Tally(2, 1)


def test_advice_makes_no_dirt(measured: Measure) -> None:
    counts = measured({"fields": [{"name": "甲", "type": "number"}]}, [["0.12345678901234567891"], ["1"]])
    assert counts["0302"].rules["number-digits"] == Tally(2, 1)
    assert counts["0305"].whole == Tally(2, 0)


def test_columns_are_held_against_the_schema(measured: Measure) -> None:
    counts = measured({"fields": fields("甲", "乙", "丙")}, [["1", "2"]], headings=("甲", "子"))
    assert counts["0102"].whole == Tally(4, 3)
    assert counts["0102"].rules == {"missing-column": Tally(3, 2), "extra-column": Tally(1, 1)}
    assert assess(counts, REGIONAL).indicator("040300").value == 0.25


def test_a_missing_column_leaves_its_required_cells_unfilled(measured: Measure) -> None:
    schema = {"fields": [*fields("甲", "乙", required=True), *fields("丙")]}
    counts = measured(schema, [["1"], ["2"]], headings=("甲",))
    assert counts["0201"].whole == Tally(4, 2)
    assert counts["0201"].rules["missing-column"] == Tally(2, 2)


def test_blank_rows_leave_their_required_cells_unfilled(measured: Measure) -> None:
    schema = {"fields": [*fields("甲", "乙", required=True), *fields("丙")]}
    counts = measured(schema, [["1", "2", "3"]], reading={"blank-row": 3})
    assert counts["0201"].whole == Tally(8, 6)
    assert "0201" not in measured({"fields": fields("甲")}, [["1"]], reading={"blank-row": 3})


def test_cells_that_reading_could_not_read_are_dirty(measured: Measure) -> None:
    schema = {"fields": [{"name": "甲", "type": "integer"}]}
    counts = measured(schema, [["1"], [None]], reading={"cell-error": 1})
    assert counts["0305"].whole == Tally(2, 1)
    assert "0305" not in measured({"fields": fields("甲")}, [["1"], [None]], reading={"cell-error": 1})


def test_an_empty_table_has_no_score_of_its_values(measured: Measure) -> None:
    schema = {"fields": [{"name": "甲", "type": "integer", "constraints": {"required": True}}], "primaryKey": "甲"}
    found = assess(measured(schema, []), NATIONAL)
    assert {one.code for one in found.indicators if one.value is not None} == {"0102"}
    assert found.indicator("0201").b == 0
    assert found.indicator("0201").reason


def test_spoiling_one_more_cell_never_raises_the_score(measured: Measure) -> None:
    schema = {
        "fields": [
            {"name": "甲", "type": "integer", "constraints": {"required": True, "maximum": 9}},
            {"name": "乙", "type": "string", "constraints": {"enum": ["a", "b"], "required": True}},
        ]
    }
    rows = [["1", "a"] for _ in range(6)]
    scores = []
    for place in [None, *((row, column) for row in range(6) for column in range(2))]:
        if place is not None:
            rows[place[0]][place[1]] = ("x", "zz", "")[(place[0] + place[1]) % 3]
        counts = measured(schema, rows)
        scores.append([assess(counts, profile).score for profile in (NATIONAL, REGIONAL)])
    for before, after in zip(scores, scores[1:], strict=False):
        assert all(later <= earlier for earlier, later in zip(before, after, strict=True))
    assert scores[0] == [100, 100]
    assert scores[-1] != scores[0]
