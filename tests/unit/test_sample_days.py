"""The city's dates lie in its three years and two months, and what offices do is dated on days when they were open."""

from __future__ import annotations

import datetime

import pytest

from resource_catalog.samples.city.working_days import FIRST_DAY, LAST_DAY, add_working_days, is_working_day
from tests.sample_tables import STREAMS, sample_days

#: Until when a decision holds or stays published: beyond the city's time by nature.
ENDS_OF_VALIDITY = {
    ("administrative-licences", "XK_JZQ"),
    ("administrative-licences-2018", "有效期至"),
    ("administrative-penalties-2018", "处罚有效期"),
    ("administrative-penalties-2018", "公示截止期"),
}
#: People complain and speak on any day, and the answer is due in hours; 2017-06-17, a Saturday, was a day named in
#: the work points; a statistic is in force from the end of its period on.
ANY_DAY = {
    ("complaint-handling", "登记日期"),
    ("complaint-statistics", "valid_from"),
    ("disclosure-request-statistics", "valid_from"),
    ("openness-safeguards", "due_on"),
    ("opinion-response-results", "authority_at"),
    ("opinion-response-results", "occurred_at"),
    ("opinion-response-results", "press_at"),
    ("opinion-responses", "authority_at"),
    ("opinion-responses", "first_report_at"),
    ("opinion-responses", "occurred_at"),
    ("opinion-responses", "press_at"),
    ("registration-statistics", "valid_from"),
    ("trader-complaints", "valid_from"),
}


def test_the_city_lives_from_january_2015_to_february_2018() -> None:
    assert FIRST_DAY.isoformat() == "2015-01-05"
    assert LAST_DAY.isoformat() == "2018-02-28"


def test_every_stream_but_the_real_one_is_dated() -> None:
    assert set(STREAMS) - {dataset for dataset, _ in sample_days()} == {"division-codes"}


def test_dates_lie_within_the_citys_days() -> None:
    beyond = {place for place, days in sample_days().items() if not FIRST_DAY <= min(days) <= max(days) <= LAST_DAY}
    assert beyond == ENDS_OF_VALIDITY


def test_what_offices_do_falls_on_working_days() -> None:
    closed = {place for place, days in sample_days().items() if not all(map(is_working_day, _within(days)))}
    assert closed - ENDS_OF_VALIDITY == ANY_DAY


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    """The State Council's notices: in 2018 the Spring Festival was made up for on a Sunday and a Saturday."""
    worked = {day for place, days in sample_days().items() if place not in ENDS_OF_VALIDITY | ANY_DAY for day in days}
    assert {datetime.date(2018, 2, 11), datetime.date(2018, 2, 24)} <= worked
    assert not {datetime.date(2018, 2, 15) + datetime.timedelta(days=number) for number in range(7)} & worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [("2015-04-30", 1, "2015-05-04"), ("2016-12-30", 1, "2017-01-03"), ("2017-07-03", 7, "2017-07-12")],
)
def test_working_days_are_counted_from_the_next_day(start: str, count: int, end: str) -> None:
    day = datetime.date.fromisoformat
    assert add_working_days(day(start), count) == day(end)


def _within(days: frozenset[datetime.date]) -> list[datetime.date]:
    """Those on which the calendar of the city's years can tell whether offices were open."""
    return [day for day in days if FIRST_DAY <= day <= LAST_DAY]
