"""Random tables and schemas, judged by our scan and by stock frictionless: the same rules fail in the same cells."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import frictionless
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.scan import scan
from resource_catalog.table_schema import parse_table_schema

Fault = tuple[str, int, str]

#: Cells for each type: good ones, bad ones, and those on the edge.
CELLS: dict[str, list[str]] = {
    "string": ["", "a", "ab", "甲乙", "abc", "A1", "-", " a", "a\nb", "true"],
    "integer": ["", "0", "1", "7", "-5", "007", "+3", "12a", "1.0", "1e2", "-", "9007199254740993"],
    "number": ["", "0", "1", "1.50", "-.5", "2.", "1e3", "1e400", "abc", "1,5", "--1", "NaN", "-", "0.1", "1.5"],
    "boolean": ["", "true", "1", "False", "0", "yes", "tRue", "-"],
    "date": ["", "2017-05-18", "2017-05-19", "2017-02-30", "2017/05/18", "18.5.2017", "20170518", "2017-5-18", "-"],
    "datetime": [
        "", "2017-05-18T10:00:00", "2017-05-18 10:00:00", "2017-05-18T10:00", "2017-05-18T25:00:00", "2017-05-18",
        "2016-02-29T23:59:59", "2017-02-29T00:00:00", "-",
    ],
    "time": ["", "08:30:00", "23:59:59", "24:00:01", "08:30", "8:30:00", "-"],
    "year": ["", "2017", "1900", "17", "20170", "-2017", "abcd", "-"],
    "yearmonth": ["", "2017-05", "2017-13", "201705", "2017-12", "-"],
    "array": ["", "[]", "[1]", "[1, 2, 3]", "{}", "1", "[1", "-"],
    "object": ["", "{}", '{"a": 1}', '{"a": 1, "b": 2}', "[]", "1", "{", "-"],
}  # fmt: skip
#: Bounds and list items for each type that can have them, smallest first.
POINTS: dict[str, list[str]] = {
    "integer": ["-5", "1", "7"],
    "number": ["-0.5", "1.5", "100"],
    "date": ["2017-05-18", "2017-05-19"],
    "datetime": ["2016-02-29T23:59:59", "2017-05-18T10:00:00"],
    "time": ["08:30:00", "12:00:00"],
    "year": ["1900", "2017"],
    "yearmonth": ["2017-05", "2017-12"],
}
PATTERNS = ["[a-z]+", "a|ab", "(?=a).*", r"\S*", "[^甲]*"]
LISTS: dict[str, list[str]] = {**POINTS, "string": ["a", "甲乙", "true"], "boolean": ["true"]}


@st.composite
def _constraints(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    offered: dict[str, st.SearchStrategy[Any]] = {"required": st.booleans()}
    if kind not in ("array", "object"):
        offered["unique"] = st.booleans()
    if kind in LISTS:
        offered["enum"] = st.lists(st.sampled_from(LISTS[kind]), min_size=1, unique=True)
    if kind in POINTS:
        offered |= dict.fromkeys(("minimum", "maximum"), st.sampled_from(POINTS[kind]))
    if kind == "string":
        offered["pattern"] = st.sampled_from(PATTERNS)
    if kind in ("string", "array", "object"):
        offered |= dict.fromkeys(("minLength", "maxLength"), st.integers(0, 3))
    return draw(st.fixed_dictionaries({}, optional=offered))


@st.composite
def _fields(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    fields = []
    for position, kind in enumerate(kinds):
        field: dict[str, Any] = {"name": f"字段 {position}", "type": kind, "constraints": draw(_constraints(kind))}
        if draw(st.booleans()):
            field["missingValues"] = draw(st.sampled_from([["-"], ["", "-"]]))
        fields.append(field)
    return fields


@st.composite
def _tables(draw: st.DrawFn) -> tuple[dict[str, Any], list[list[str]]]:
    """A schema and its rows; the first column holds the row's number, so that no row is blank."""
    fields = draw(_fields())
    row = st.tuples(*(st.sampled_from(CELLS[field["type"]]) for field in fields))
    rows = draw(st.lists(row, min_size=1, max_size=8))
    schema: dict[str, Any] = {"fields": [{"name": "n", "type": "integer"}, *fields]}
    if draw(st.booleans()):
        schema["missingValues"] = draw(st.sampled_from([[""], ["", "-"]]))
    return schema, [[str(number), *cells] for number, cells in enumerate(rows)]


def _by_us(schema: dict[str, Any], rows: list[list[str]]) -> set[Fault]:
    names = [field["name"] for field in schema["fields"]]
    with tempfile.TemporaryDirectory() as folder, open_work(Path(folder) / "work.duckdb") as connection:
        write_rows(connection, names, enumerate(rows, start=2))
        result = scan(connection, parse_table_schema(schema, "test"), names, examples=100)
    assert sum(result.counts.values()) == len(result.findings)
    return {(found.rule, found.row or 0, found.column) for found in result.findings if found.rule in BOTH_HAVE}


#: The rules of constraints; what a cell breaks beyond them, frictionless knows nothing of.
BOTH_HAVE = {"required", "type", "enum", "pattern", "bounds", "length", "array-item", "unique", "primary-key"}
#: Our rule for each constraint that frictionless names in a note.
RULE_OF = {"minLength": "length", "maxLength": "length", "minimum": "bounds", "maximum": "bounds"}
TYPES = {"type-error": "type", "unique-error": "unique", "primary-key": "primary-key", "foreign-key": "foreign-key"}


def _rule(kind: str, note: str) -> str:
    named = re.search(r'constraint "(\w+)"', note)
    return RULE_OF.get(named[1], named[1]) if named else TYPES[kind]


def _by_frictionless(schema: dict[str, Any], rows: list[list[str]]) -> set[Fault]:
    names = [field["name"] for field in schema["fields"]]
    resource = frictionless.Resource(data=[names, *rows], schema=frictionless.Schema.from_descriptor(schema))
    report = frictionless.validate(resource)
    assert not report.errors
    found = report.flatten(["type", "note", "rowNumber", "fieldName"])
    return {(_rule(kind, note), row, column) for kind, note, row, column in found}


def _pattern_with_a_choice(field: dict[str, Any], _cell: str) -> bool:
    """There a pattern is put between ^ and $, so that a|ab means ^a or ab$; here it holds for the whole text."""
    return "|" in field.get("constraints", {}).get("pattern", "")


def _date_without_zeros(field: dict[str, Any], cell: str) -> bool:
    """There a date may lack its zeros; here it is YYYY-MM-DD (ISO 8601)."""
    return field["type"] == "date" and cell == "2017-5-18"


def _no_number(field: dict[str, Any], cell: str) -> bool:
    """There NaN equals nothing and lies in no bounds; here it equals itself and lies above all (as in SQL)."""
    return field["type"] == "number" and cell == "NaN"


#: The differences that are meant, and the rules that they reach.
EXPLAINED = (
    (_pattern_with_a_choice, {"pattern"}),
    (_date_without_zeros, {"type", "enum", "bounds", "unique"}),
    (_no_number, {"bounds", "unique"}),
)


def _explained(schema: dict[str, Any], rows: list[list[str]], fault: Fault) -> bool:
    rule, row, column = fault
    position = [field["name"] for field in schema["fields"]].index(column)
    field = schema["fields"][position]
    # A value is there twice because of an earlier cell, too.
    first = 0 if rule == "unique" else row - 2
    cells = [cells[position] for cells in rows[first : row - 1]]
    return any(rule in rules and applies(field, cell) for applies, rules in EXPLAINED for cell in cells)


def test_each_explanation_is_still_needed() -> None:
    """One that nothing shows any more has to go."""
    shown = {}
    for kind, constraints, cell in (
        ("string", {"pattern": "a|ab"}, "abc"),
        ("date", {}, "2017-5-18"),
        ("number", {"minimum": "1.5"}, "NaN"),
    ):
        schema = {"fields": [{"name": "n"}, {"name": "c", "type": kind, "constraints": constraints}]}
        rows = [["0", cell]]
        shown[cell] = [
            _explained(schema, rows, fault) for fault in _by_us(schema, rows) ^ _by_frictionless(schema, rows)
        ]

    assert shown == {"abc": [True], "2017-5-18": [True], "NaN": [True]}


@settings(deadline=None, max_examples=150)
@given(_tables())
def test_the_same_rules_fail_in_the_same_cells(table: tuple[dict[str, Any], list[list[str]]]) -> None:
    schema, rows = table
    different = _by_us(schema, rows) ^ _by_frictionless(schema, rows)

    assert {fault for fault in different if not _explained(schema, rows, fault)} == set()
