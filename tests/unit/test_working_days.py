"""The last day of a term: the day of the event is not counted, holidays and make-up days are as the notices say."""

from __future__ import annotations

import datetime

import pytest

from resource_catalog.agency import Agency
from resource_catalog.deadline_rule import DeadlineRule
from resource_catalog.errors import WorkspaceError
from resource_catalog.working_days import LastDay, last_day, office_day
from tests.catalogue_factory import AGENCY

CHINESE = Agency.model_validate(AGENCY)
NORWEGIAN = Agency.model_validate({**AGENCY, "language": "nb"})


def rule(within: int, unit: str = "working-days") -> DeadlineRule:
    return DeadlineRule.model_validate(
        {"title": "期限", "basis": "法", "within": within, "unit": unit, "starts": "收到"}, strict=True
    )


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "within", "last"),
    [
        # By the State Council's notice of 2017: National Day was from 1 to 8 October.
        ("2017-09-25", 7, "2017-10-10"),
        ("2017-09-25", 10, "2017-10-13"),
        ("2017-09-29", 7, "2017-10-16"),
        ("2017-09-29", 1, "2017-09-30"),  # a make-up Saturday is a working day
        ("2017-09-30", 1, "2017-10-09"),
        ("2017-10-04", 1, "2017-10-09"),  # received in the holiday
        ("2017-05-18", 7, "2017-05-27"),
        ("2017-12-25", 20, "2018-01-23"),
        ("2026-09-30", 10, "2026-10-20"),  # 10 October is a make-up Saturday
    ],
)
def test_working_days_are_those_of_the_notices(start: str, within: int, last: str) -> None:
    assert last_day(CHINESE, rule(within), day(start)) == LastDay(day(last))


def test_a_year_without_a_notice_is_counted_by_weekdays_and_says_so() -> None:
    found = last_day(CHINESE, rule(10), day("2099-12-28"))

    assert found == LastDay(day("2100-01-11"), provisional=True)
    assert str(found) == "2100-01-11?"


def test_elsewhere_monday_to_friday_are_working_days() -> None:
    assert last_day(NORWEGIAN, rule(10), day("2017-09-29")) == LastDay(day("2017-10-13"))


def test_calendar_days_and_months_are_counted_as_they_are() -> None:
    assert last_day(CHINESE, rule(30, "calendar-days"), day("2017-05-18")) == LastDay(day("2017-06-17"))
    assert last_day(CHINESE, rule(1, "months"), day("2017-01-31")) == LastDay(day("2017-02-28"))


def test_a_rule_of_hours_is_no_term_in_days() -> None:
    with pytest.raises(WorkspaceError):
        last_day(CHINESE, rule(5, "hours"), day("2017-05-18"))


def test_what_comes_in_late_in_utc_comes_in_the_next_day_in_china() -> None:
    at = datetime.datetime(2017, 9, 24, 16, 0, tzinfo=datetime.UTC)

    assert office_day(CHINESE, at) == day("2017-09-25")
    assert office_day(NORWEGIAN, at) == day("2017-09-24")
