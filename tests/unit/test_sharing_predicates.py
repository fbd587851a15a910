"""A client's hints leave files out, and never one that has a row which satisfies them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opendata_sharing.predicates import FileStatistics, can_match
from opendata_sharing.sql_hints import read_hint

KINDS = {"whole": "whole", "long": "long", "text": "text", "day": "date", "fraction": "fraction", "flag": "truth"}
TYPES = {"whole": "int", "long": "long", "text": "string", "day": "date", "fraction": "double", "flag": "bool"}
DAY = date(2026, 1, 1)
_number = st.integers(-3, 3)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "whole": _number,
    "long": _number,
    "text": st.text("ab甲\U00020bb7", max_size=2),
    "day": _number.map(lambda days: DAY + timedelta(days)),
    "fraction": st.sampled_from([-1.5, -0.0, 0.0, 0.1, 2.0, float("nan"), float("inf")]),
    "flag": st.booleans(),
}
_ROW = st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()})


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _statistics(rows: list[dict[str, Any]]) -> str:
    """As writers of Delta tables have them: NaN counts for no bound."""
    found: dict[str, Any] = {"numRecords": len(rows), "minValues": {}, "maxValues": {}, "nullCount": {}}
    for name in VALUES:
        values = [row[name] for row in rows if row[name] is not None]
        found["nullCount"][name] = len(rows) - len(values)
        numbers = [value for value in values if value == value]
        if numbers:
            found["minValues"][name], found["maxValues"][name] = _written(min(numbers)), _written(max(numbers))
    return json.dumps(found)


def _literal(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Of the column's own type; NaN isn't written in a predicate."""
    values = VALUES[name].filter(lambda value: value == value and value not in (float("inf"),))
    return values.map(lambda value: {"op": "literal", "value": _text(value), "valueType": TYPES[name]})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(_written(value))


@st.composite
def _leaf(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(VALUES)))
    column = {"op": "column", "name": name, "valueType": TYPES[name]}
    op = draw(
        st.sampled_from(
            ["isNull", "in", "equal", "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual", "like"]
        )
    )
    if op == "isNull":
        return {"op": op, "children": [column]}
    if op == "in":
        return {"op": op, "children": [column, *draw(st.lists(_literal(name), min_size=1, max_size=3))]}
    pair = [column, draw(_literal(name))]
    return {"op": op, "children": pair[::-1] if draw(st.booleans()) else pair}


TREES = st.recursive(
    _leaf(),
    lambda inner: (
        st.builds(
            lambda op, children: {"op": op, "children": children},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | inner.map(lambda child: {"op": "not", "children": [child]})
    ),
    max_leaves=6,
)


def _value(node: dict[str, Any], row: dict[str, Any]) -> Any:
    if node["op"] == "column":
        return row[node["name"]]
    readers: dict[str, Any] = {"date": date.fromisoformat, "bool": lambda text: text == "true", "string": str}
    return readers.get(node["valueType"], float if node["valueType"] == "double" else int)(node["value"])


def _compare(op: str, one: Any, other: Any) -> bool | None:
    """As Spark compares: unknown beside null, and NaN greater than everything and equal to itself."""
    if one is None or other is None:
        return None
    key = (one != one, 0 if one != one else one)
    against = (other != other, 0 if other != other else other)
    return {
        "equal": key == against,
        "lessThan": key < against,
        "lessThanOrEqual": key <= against,
        "greaterThan": key > against,
        "greaterThanOrEqual": key >= against,
    }[op]


def _judged(tree: dict[str, Any], row: dict[str, Any]) -> bool | None:
    """What the predicate comes to for one row, told slowly; "like" is known to nobody, and here always true."""
    op, children = tree["op"], tree["children"]
    if op == "like":
        return True
    if op == "isNull":
        return _value(children[0], row) is None
    if op == "in":
        return _any([_compare("equal", _value(children[0], row), _value(child, row)) for child in children[1:]])
    if op in ("and", "or", "not"):
        inner = [_judged(child, row) for child in children]
        if op == "not":
            return None if inner[0] is None else not inner[0]
        return _any(inner) if op == "or" else _all(inner)
    return _compare(op, _value(children[0], row), _value(children[1], row))


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


@given(st.lists(_ROW, min_size=1, max_size=5), TREES)
def test_a_file_with_a_row_that_satisfies_the_predicate_stays(rows: list[dict[str, Any]], tree: dict[str, Any]) -> None:
    """P5: never a wrong drop."""
    if any(_judged(tree, row) is True for row in rows):
        assert can_match(tree, FileStatistics(KINDS, _statistics(rows)))


@given(_leaf())
def test_without_statistics_every_file_stays(leaf: dict[str, Any]) -> None:
    for stats in (None, "", "{", "[]", '{"minValues":7}'):
        assert can_match(leaf, FileStatistics(KINDS, stats))


def test_no_statistics_show_that_a_file_has_no_nan_which_is_greater_than_all() -> None:
    rows = [{**dict.fromkeys(VALUES), "fraction": 0.1}, {**dict.fromkeys(VALUES), "fraction": float("nan")}]
    literal = {"op": "literal", "value": "2.0", "valueType": "double"}
    tree = {"op": "greaterThan", "children": [{"op": "column", "name": "fraction", "valueType": "double"}, literal]}
    assert can_match(tree, FileStatistics(KINDS, _statistics(rows)))


def test_a_long_text_in_the_statistics_may_have_been_cut_off() -> None:
    stats = json.dumps(
        {"numRecords": 1, "minValues": {"text": "a"}, "maxValues": {"text": "b" * 32}, "nullCount": {"text": 0}}
    )
    literal = {"op": "literal", "value": "b" * 40, "valueType": "string"}
    tree = {"op": "equal", "children": [{"op": "column", "name": "text", "valueType": "string"}, literal]}
    assert can_match(tree, FileStatistics(KINDS, stats))


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("whole = 3", "equal"),
        ("3 < whole", "greaterThan"),
        ("whole != 3", "not"),
        ("`text` = 'it''s'", "equal"),
        ("day >= '2026-01-31'", "greaterThanOrEqual"),
        ("((flag = TRUE))", "equal"),
        ("text is not null", "not"),
    ],
)
def test_simple_sql_is_read(text: str, op: str) -> None:
    tree = read_hint(text, KINDS)
    assert tree is not None
    assert tree["op"] == op


@pytest.mark.parametrize(
    "text",
    [
        "whole = '3'",
        "text = 3",
        "fraction > 0",
        "nowhere = 3",
        "whole = 3 OR whole = 4",
        "upper(text) = 'A'",
        "(whole = 3) AND (whole = 4)",
        "",
    ],
)
def test_other_sql_is_skipped(text: str) -> None:
    """A cast that SQL would make isn't guessed."""
    assert read_hint(text, KINDS) is None
