"""Each rule of a Table Schema: planted faults are found all, counted exactly, and shown by row and column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.scan import Scan, scan
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema

Check = Callable[..., Scan]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks rows, numbered from 2, against a schema; their columns are the schema's unless `headings` says others."""
    counter = iter(range(1000))

    def checker(
        schema: dict[str, Any], rows: Sequence[Sequence[str | None]], headings: Sequence[str] = (), **options: Any
    ) -> Scan:
        names = list(headings) or [field["name"] for field in schema["fields"]]
        with open_work(tmp_path / f"{next(counter)}.duckdb", folders=[tmp_path]) as connection:
            write_rows(connection, names, enumerate(rows, start=2))
            return scan(connection, parse_table_schema(schema, "test"), names, **options)

    return checker


def _one(kind: str = "string", **properties: Any) -> dict[str, Any]:
    return {"fields": [{"name": "甲", "type": kind, **properties}]}


def _cells(found: Scan) -> list[tuple[str, int | None, str]]:
    return [(finding.rule, finding.row, finding.column) for finding in found.findings]


def _failing(check: Check, schema: dict[str, Any], cells: Sequence[str | None]) -> dict[str | None, str]:
    """Cell → rule, of those that fail."""
    found = check(schema, [[cell] for cell in cells], examples=100)
    assert sum(found.counts.values()) == len(found.findings)
    return {cells[(finding.row or 0) - 2]: finding.rule for finding in found.findings}


@pytest.mark.parametrize(
    ("constraints", "good", "bad", "rule"),
    [
        ({"required": True}, "x", "", "required"),
        ({"enum": ["a", "b"]}, "a", "A", "enum"),
        ({"enum": [f"v{number}" for number in range(200)]}, "v199", "v200", "enum"),
        ({"pattern": "[0-9]{3}"}, "007", "0007", "pattern"),
        ({"pattern": "^[0-9]{3}$"}, "007", "0007", "pattern"),
        ({"pattern": "(?!0)[0-9]+"}, "12", "012", "pattern"),  # look-ahead, which RE2 lacks
        ({"pattern": r"(.)\1"}, "甲甲", "甲乙", "pattern"),  # back reference, likewise
        ({"minLength": 2}, "甲乙", "甲", "length"),
        ({"maxLength": 2}, "甲乙", "甲乙丙", "length"),
    ],
)
def test_constraints_of_text(check: Check, constraints: dict[str, Any], good: str, bad: str, rule: str) -> None:
    found = check(_one(constraints=constraints), [[good], [bad], [good], [bad]])

    assert _cells(found) == [(rule, 3, "甲"), (rule, 5, "甲")]
    assert (found.rows, found.counts) == (4, {rule: 2})


@pytest.mark.parametrize(
    ("kind", "bound", "below", "above"),
    [
        ("integer", 10, "9", "11"),
        ("number", "1.5", "1.49", "1.51"),
        ("date", "2017-05-18", "2017-05-17", "2017-05-19"),
        ("datetime", "2017-05-18T00:00:00Z", "2017-05-18T07:59:59+08:00", "2017-05-18T08:00:01+08:00"),
        ("time", "12:00:00", "11:59:59", "12:00:01"),
        ("year", 2017, "2016", "2018"),
        ("yearmonth", "2017-05", "2017-04", "2017-06"),
    ],
)
def test_bounds_in_the_fields_type(check: Check, kind: str, bound: Any, below: str, above: str) -> None:
    at = str(bound)
    cells = [below, at, above, ""]

    assert _failing(check, _one(kind, constraints={"minimum": bound}), cells) == {below: "bounds"}
    assert _failing(check, _one(kind, constraints={"maximum": bound}), cells) == {above: "bounds"}
    excluded = {below: "bounds", at: "bounds"}
    assert _failing(check, _one(kind, constraints={"exclusiveMinimum": bound}), cells) == excluded
    excluded = {at: "bounds", above: "bounds"}
    assert _failing(check, _one(kind, constraints={"exclusiveMaximum": bound}), cells) == excluded


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (_one("string", format="email"), ["a@b.cn"], ["a@b", "a b@c.cn"]),
        (_one("string", format="uri"), ["https://例.cn/x"], ["例.cn"]),
        (_one("string", format="uuid"), ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
        (_one("string", format="binary"), ["YQ==", "YWJj"], ["YQ=", "!"]),
        (_one("integer"), ["0", "-7", "007", "9223372036854775807"], ["1.0", "1e3", "9223372036854775808", " 1"]),
        (_one("integer", bareNumber=False), ["¥12", "12%"], ["元"]),
        (_one("number"), ["1", "-1.5", ".5", "1e-3", "NaN", "-INF"], ["1,5", "1.2.3", "零"]),
        (_one("number", groupChar=",", decimalChar="."), ["1,234.5", "1"], ["1.234.5"]),
        (_one("number", decimalChar=","), ["1,5"], ["x"]),
        (_one("number", bareNumber=False), ["95%", "¥12.50"], ["%"]),
        (_one("boolean"), ["true", "0"], ["yes", "是"]),
        (_one("boolean", trueValues=["是"], falseValues=["否"]), ["是", "否"], ["true"]),
        (_one("date"), ["2016-02-29"], ["2017-02-29", "2017/05/18", "2017-5-18", "20170518"]),
        (_one("date", format="%Y/%m/%d"), ["2017/05/18"], ["2017-05-18"]),
        (_one("date", format="fmt:%d.%m.%Y"), ["18.05.2017"], ["05.18.2017"]),
        (_one("date", format="any"), ["2017-05-18", "2017年05月18日", "20170518"], ["1880", "5/6/2017"]),
        (
            _one("datetime"),
            ["2017-05-18T10:00:00", "2017-05-18 10:00:00.5", "2017-05-18T10:00:00Z", "2017-05-18T10:00:00+08"],
            ["2017-05-18", "2017-05-18T10:00", "2017-05-18T25:00:00"],
        ),
        (_one("datetime", format="%Y-%m-%d %H:%M"), ["2017-05-18 10:00"], ["2017-05-18T10:00:00"]),
        (_one("time"), ["08:30:00"], ["8:30", "24:01:00"]),
        (_one("year"), ["2017", "0099"], ["17", "-2017"]),
        (_one("yearmonth"), ["2017-05"], ["2017-13", "201705"]),
        (_one("duration"), ["P1Y2M", "PT1.5S"], ["1 day"]),
        (_one("geopoint"), ["121.47, 31.23"], ["121.47"]),
        (_one("object"), ['{"a": 1}'], ["[]", "{"]),
        (_one("array"), ["[1]"], ["{}", "["]),
        (_one("any"), ["x", "1"], []),
    ],
)  # fmt: skip
def test_types_and_formats(check: Check, schema: dict[str, Any], good: list[str], bad: list[str]) -> None:
    assert _failing(check, schema, [*good, *bad, ""]) == dict.fromkeys(bad, "type")


@pytest.mark.parametrize(
    ("kind", "short", "long"), [("array", "[1]", "[1, 2, 3]"), ("object", "{}", '{"a": 1, "b": 2}')]
)
def test_lengths_of_lists_and_objects(check: Check, kind: str, short: str, long: str) -> None:
    assert _failing(check, _one(kind, constraints={"minLength": 2}), [short, long]) == {short: "length"}
    assert _failing(check, _one(kind, constraints={"maxLength": 1}), [short, long]) == {long: "length"}


def test_items_of_lists(check: Check) -> None:
    item = {"type": "string", "constraints": {"enum": ["a", "b"]}}
    cells = ["[]", '["a", "b"]', '["a", "c"]', "", "["]
    assert _failing(check, _one("array", arrayItem=item), cells) == {'["a", "c"]': "array-item", "[": "type"}

    item = {"type": "integer", "constraints": {"minimum": 2}}
    cells = ["[2, 3]", "[2, 1]", '[2, "x"]']
    assert _failing(check, _one("array", arrayItem=item), cells) == dict.fromkeys(cells[1:], "array-item")


def test_missing_values_of_the_schema_the_field_and_the_source(check: Check) -> None:
    required = {"required": True}
    schema = {
        "fields": [
            {"name": "a", "type": "integer", "constraints": required},
            {"name": "b", "type": "string", "constraints": required, "missingValues": ["无"]},
        ],
        "missingValues": ["", "-"],
    }
    found = check(schema, [["-", "-"], ["", "无"], ["1", ""], ["不详", "不详"]], extra_missing=("不详",))

    assert _cells(found) == [
        ("required", 2, "a"),
        ("required", 3, "a"),
        ("required", 3, "b"),
        ("required", 5, "a"),
        ("required", 5, "b"),
        ("null-token", 2, "b"),
    ]


def test_a_value_that_its_type_refuses_breaks_no_other_rule(check: Check) -> None:
    constraints = {"minimum": 5, "enum": [7], "required": True}

    assert _failing(check, _one("integer", constraints=constraints), ["x", "7"]) == {"x": "type"}


def test_unique_values_by_their_type_and_missing_ones_are_no_doubles(check: Check) -> None:
    found = check(_one("integer", constraints={"unique": True}), [["1"], ["01"], [""], [""], ["2"], ["1"], ["x"]])

    assert _cells(found) == [("unique", 3, "甲"), ("unique", 7, "甲"), ("type", 8, "甲")]
    assert found.counts == {"unique": 2, "type": 1}


def test_a_primary_key_is_there_and_once(check: Check) -> None:
    schema = {"fields": [{"name": "a"}, {"name": "b"}], "primaryKey": ["a", "b"]}
    found = check(schema, [["1", "x"], ["1", "y"], ["1", "x"], ["1", ""], ["1", ""]])

    assert found.counts == {"primary-key": 1, "required": 2}
    assert ("primary-key", 4, "a, b") in _cells(found)
    assert {cell for cell in _cells(found) if cell[0] == "required"} == {("required", 5, "b"), ("required", 6, "b")}


def test_a_foreign_key_within_the_table(check: Check) -> None:
    schema = {
        "fields": [{"name": "id"}, {"name": "parent"}],
        "foreignKeys": [{"fields": "parent", "reference": {"resource": "", "fields": "id"}}],
    }
    found = check(schema, [["1", ""], ["2", "1"], ["3", "9"], ["", "2"]])

    assert (_cells(found), found.counts) == ([("foreign-key", 4, "parent")], {"foreign-key": 1})


def test_a_foreign_key_to_another_table(check: Check, tmp_path: Path) -> None:
    schema = {
        "fields": [{"name": "省"}, {"name": "市"}],
        "foreignKeys": [{"fields": ["省", "市"], "reference": {"resource": "cities", "fields": ["p", "c"]}}],
    }
    with open_work(tmp_path / "keys.duckdb") as connection:
        connection.execute(
            "COPY (SELECT * FROM (VALUES ('31', '01'), ('31', NULL), ('32', '05')) AS keys(p, c)) "
            f"TO '{tmp_path / 'cities.parquet'}' (FORMAT parquet)"
        )
    rows = [["31", "01"], ["31", "05"], ["31", ""], ["32", "05"], ["33", "01"]]
    found = check(schema, rows, references={"cities": tmp_path / "cities.parquet"})

    assert _cells(found) == [("foreign-key", 3, "省, 市"), ("foreign-key", 6, "省, 市")]
    with pytest.raises(WorkspaceError):
        check(schema, rows)


def test_missing_and_extra_columns(check: Check) -> None:
    schema = {"fields": [{"name": "a", "constraints": {"required": True}}, {"name": "b"}]}
    found = check(schema, [["1", "2"]], headings=["b", "c"])

    assert _cells(found) == [("missing-column", None, "a"), ("extra-column", None, "c")]


def test_numbers_that_a_double_does_not_hold_are_said(check: Check) -> None:
    cells = ["0.1", "1234567890.12345", "123456789.123456789", "12345678901234567890123", "1e400", "INF", "x"]
    found = _failing(check, _one("number"), cells)

    assert found == {**dict.fromkeys(cells[2:5], "number-digits"), "x": "type"}


def test_examples_are_the_first_and_capped_and_counts_exact(check: Check) -> None:
    found = check(_one("integer"), [["x"]] * 1000, examples=3)

    assert ([finding.row for finding in found.findings], found.counts) == ([2, 3, 4], {"type": 1000})


def test_repairs_that_a_field_declares_come_first(check: Check) -> None:
    schema = _one("integer", repair=["fullwidth", "trim"])

    assert _failing(check, schema, ["　１２\u200b", "1 2"]) == {"1 2": "type"}


def test_a_wide_table_is_checked_in_little_memory(check: Check) -> None:
    """Ninety columns of lists once took 700 MB and 15 seconds for one row."""
    words = [f"词{number}" for number in range(12)]
    fields = [
        {"name": f"c{number}", "type": "boolean", "trueValues": words, "constraints": {"required": True}}
        for number in range(200)
    ]
    found = check({"fields": fields}, [["词1"] * 200, ["?"] * 200])

    assert found.counts == {"type": 200}


@pytest.mark.parametrize("schema", [_one("string", constraints={"pattern": "("}), _one("string", repair=["invent"])])
def test_what_can_not_be_evaluated_is_the_schemas_fault(check: Check, schema: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError):
        check(schema, [["x"]])
