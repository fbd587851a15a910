"""The next release is due by the end of the period after the last one's (standards.md 6)."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resource_catalog.update_clock import next_due
from resource_catalog.vocabulary import UpdateCycle

CLOCKLESS = (UpdateCycle.REALTIME, UpdateCycle.IRREGULAR, UpdateCycle.NEVER)


@pytest.mark.parametrize(
    ("cycle", "last", "due"),
    [
        (UpdateCycle.DAILY, "2016-02-28", "2016-02-29"),
        (UpdateCycle.WEEKLY, "2017-05-15", "2017-05-28"),  # a Monday
        (UpdateCycle.WEEKLY, "2017-05-21", "2017-05-28"),  # a Sunday
        (UpdateCycle.MONTHLY, "2017-01-01", "2017-02-28"),
        (UpdateCycle.MONTHLY, "2017-11-30", "2017-12-31"),
        (UpdateCycle.MONTHLY, "2017-12-31", "2018-01-31"),
        (UpdateCycle.QUARTERLY, "2017-05-18", "2017-09-30"),
        (UpdateCycle.QUARTERLY, "2017-12-01", "2018-03-31"),
        (UpdateCycle.HALF_YEARLY, "2017-06-30", "2017-12-31"),
        (UpdateCycle.HALF_YEARLY, "2017-07-01", "2018-06-30"),
        (UpdateCycle.YEARLY, "2017-01-01", "2018-12-31"),
        (UpdateCycle.YEARLY, "2017-12-31", "2018-12-31"),
    ],
)
def test_the_end_of_the_next_period(cycle: UpdateCycle, last: str, due: str) -> None:
    assert next_due(cycle, datetime.date.fromisoformat(last)) == datetime.date.fromisoformat(due)


@pytest.mark.parametrize("cycle", CLOCKLESS)
def test_what_has_no_clock_is_never_due(cycle: UpdateCycle) -> None:
    assert next_due(cycle, datetime.date(2017, 5, 18)) is None


@given(
    st.sampled_from([cycle for cycle in UpdateCycle if cycle not in CLOCKLESS]),
    st.dates(max_value=datetime.date(9000, 1, 1)),
)
def test_it_is_later_and_a_later_release_is_not_due_sooner(cycle: UpdateCycle, last: datetime.date) -> None:
    due = next_due(cycle, last)
    assert due is not None
    assert due > last
    assert (next_due(cycle, last + datetime.timedelta(days=1)) or last) >= due
