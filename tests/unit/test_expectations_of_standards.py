"""Expectations of standards judge as the rules of a field's `standard` do: the same vectors, right and wrong."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from quality.aggregates import sql_of
from quality.expectations.standards import FAILS, STANDARD_TYPES
from quality.rules.expectations import EXPECTATION_RULES
from quality.standards.catalogue import STANDARDS
from tests.standard_vectors import INVALID, VALID


def _broken(standard: str, values: list[str | None]) -> list[bool | None]:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE texts (place INTEGER, text VARCHAR)")
        connection.executemany("INSERT INTO texts VALUES (?, ?)", list(enumerate(values)))
        asked = exp.select(FAILS[standard](exp.column("text"))).from_("texts").order_by("place")
        return [broken for (broken,) in connection.execute(sql_of(asked)).fetchall()]


def test_every_standard_has_its_expectation_and_its_rule() -> None:
    assert set(STANDARD_TYPES.values()) == set(STANDARDS)
    assert set(STANDARD_TYPES) <= set(EXPECTATION_RULES)


@pytest.mark.parametrize("standard", VALID)
def test_the_vectors_of_each_standard(standard: str) -> None:
    right, wrong = VALID[standard].split(), list(INVALID[standard])
    assert _broken(standard, [*right, *wrong, None]) == [*[False] * len(right), *[True] * len(wrong), None]


def test_a_value_that_is_written_otherwise_does_not_meet_its_standard() -> None:
    assert _broken("uscc", ["91310000132260250x", "９１310000132260250X"]) == [True, True]
