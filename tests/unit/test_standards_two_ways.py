"""The standards in SQL agree with their plain Python on any value: right ones, ones with a slip, and mere text."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.standard_office import forms, judged, rules_by_row, schema_of
from tests.standard_references import (
    REFERENCES,
    USCC,
    luhn_check,
    organisation_check,
    registration_check,
    resident_check,
    uscc_check,
)

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DAYS = st.none() | st.dates(datetime.date(1890, 1, 1), datetime.date(2030, 12, 31))


def _checked(body: st.SearchStrategy[str], check: Callable[[str], str]) -> st.SearchStrategy[str]:
    return body.map(lambda text: text + check(text))


def _text(alphabet: str, length: int, longest: int = 0) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=length, max_size=longest or length)


def _joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


_ORGANISATIONS = _checked(_text(USCC, 8), organisation_check)
_BORN = st.dates(datetime.date(1800, 1, 1), datetime.date(2030, 12, 31)).map("{:%Y%m%d}".format)
_UNREAL = st.sampled_from(["19000229", "20000229", "21000229", "19491301", "18990230", "17990101", "00000000"])
_DIVISIONS = st.sampled_from(["310115", "110105", "440524", "650000", "820000", "990101"])
#: Well-formed values of each standard, most of them right.
RIGHT: dict[str, st.SearchStrategy[str]] = {
    "uscc": _checked(_joined(_text(USCC, 2), _text(DIGITS, 6), _ORGANISATIONS | _text(USCC, 9)), uscc_check),
    "organisation-code": _checked(_text(DIGITS + LETTERS, 8), organisation_check),
    "resident-id": _checked(_joined(_DIVISIONS, _BORN | _UNREAL, _text(DIGITS, 3)), resident_check)
    | _joined(_DIVISIONS, _BORN.map(lambda day: day[2:]), _text(DIGITS, 3)),
    "registration-number": _checked(_text(DIGITS, 14), registration_check) | _text(DIGITS, 13),
    "division-code": _joined(_DIVISIONS, st.sampled_from(["", "001", "001002", "00"])),
    "industry-code": _joined(st.sampled_from("ABCDEFGHIJKLMNOPQRSTU"), _text(DIGITS, 2, 4)),
    "mobile": _joined(st.sampled_from(["", "+86", "0086", "+86 "]), st.just("1"), _text(DIGITS, 10)),
    "bank-card": _checked(_text(DIGITS, 12, 18), luhn_check),
    "plate": _joined(
        st.sampled_from("沪京泸琼"), _text("ACDIKLZ", 1), st.sampled_from(["", "·"]), _text("ADIKL0159", 4, 5),
        st.sampled_from(["", "警", "挂", "D", "5"]),
    ),
}  # fmt: skip
_STRANGE = "0189OILXZxо零Ａ０－- 　\u200b\u00a0.+①²Ⅷ〇\n\t–ſıß"


@st.composite
def _slips(draw: st.DrawFn, right: st.SearchStrategy[str]) -> str:
    """A right value with the slips of who types: another character, two exchanged, one lost, one too many."""
    text = draw(right)
    place = draw(st.integers(0, len(text) - 1))
    other = draw(st.sampled_from(DIGITS + LETTERS + _STRANGE))
    kind = draw(st.sampled_from(["another", "exchanged", "lost", "more", "lower", "wide"]))
    if kind == "another":
        return text[:place] + other + text[place + 1 :]
    if kind == "exchanged":
        return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
    if kind == "lost":
        return text[:place] + text[place + 1 :]
    if kind == "more":
        return text[:place] + other + text[place:]
    if kind == "lower":
        return text.lower()
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _rows(standard: str) -> st.SearchStrategy[list[tuple[str | None, datetime.date | None]]]:
    right = RIGHT[standard]
    values = st.none() | right | _slips(right) | _text(DIGITS + _STRANGE, 0, 20)
    return st.lists(st.tuples(values, _DAYS), min_size=60, max_size=150)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@pytest.mark.parametrize("standard", REFERENCES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_sql_and_python_agree(standard: str, connection: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    rows = data.draw(_rows(standard))
    cells = [(value, day.isoformat() if day else None) for value, day in rows]
    found = rules_by_row(judged(connection, schema_of(standard, dated=True), cells))
    expected = {row: REFERENCES[standard](value, day) for row, (value, day) in enumerate(rows) if value}
    rules = {row: [_rule(standard, fault)] for row, fault in expected.items() if fault}
    assert {row: (rows[row], found.get(row)) for row in {*found, *rules} if found.get(row) != rules.get(row)} == {}


def _rule(standard: str, fault: str) -> str:
    return "standard-spelling" if fault == "spelling" else f"{standard}-{fault}"


@pytest.mark.parametrize("standard", REFERENCES)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_standard_form_is_its_own(standard: str, connection: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    values = data.draw(st.lists(RIGHT[standard] | _slips(RIGHT[standard]), min_size=40, max_size=100))
    judged(connection, schema_of(standard), [[value] for value in values])
    first = [form for form in forms(connection) if form is not None]
    judged(connection, schema_of(standard), [[form] for form in first])
    assert forms(connection) == first
