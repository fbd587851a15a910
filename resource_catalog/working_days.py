"""The last day of a term that is counted from a day: in working days of China, or of Monday to Friday elsewhere.

Which days are working days the State Council says year by year; a term that runs into a year of which nothing is known
yet is counted by Monday to Friday there, and its last day is provisional (standards.md 6).
"""

from __future__ import annotations

import calendar
import datetime
import functools
from dataclasses import dataclass

import chinese_calendar

from resource_catalog.agency import Agency
from resource_catalog.deadline_rule import DeadlineRule
from resource_catalog.errors import WorkspaceError

_DAY = datetime.timedelta(days=1)
#: China has one clock (UTC+8, without summer time since 1991): what comes in at 23:00 UTC comes in the next day there.
_CHINA = datetime.timezone(datetime.timedelta(hours=8))
_SATURDAY = 5


@dataclass(frozen=True)
class LastDay:
    """The last day of a term; provisional where the working days of its year are not known yet."""

    day: datetime.date
    provisional: bool = False

    def __str__(self) -> str:
        return f"{self.day.isoformat()}{'?' if self.provisional else ''}"


def office_day(agency: Agency, at: datetime.datetime) -> datetime.date:
    """The day that an instant lies in where the agency is: China's clock for a Chinese agency, else UTC."""
    return at.astimezone(_CHINA if agency.follows_national_guide else datetime.UTC).date()


def last_day(agency: Agency, rule: DeadlineRule, start: datetime.date) -> LastDay:
    """The last day of a rule's term; the day of the event, `start`, is not counted.

    Raises:
        WorkspaceError: the rule counts no days.
    """
    if rule.within is None or rule.unit == "hours":
        raise WorkspaceError(
            f"the rule {rule.title!r} counts neither days nor months",
            where="agency.yaml",
            fix="give it within and unit",
        )
    if rule.unit == "calendar-days":
        return LastDay(start + rule.within * _DAY)
    if rule.unit == "months":
        return LastDay(_months_later(start, rule.within))
    return _working_days_later(start, rule.within, chinese=agency.follows_national_guide)


def _months_later(start: datetime.date, count: int) -> datetime.date:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return datetime.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _working_days_later(start: datetime.date, count: int, *, chinese: bool) -> LastDay:
    day, left, provisional = start, count, False
    while left:
        day += _DAY
        working, known = _is_working_day(day, chinese=chinese)
        left -= working
        provisional = provisional or not known
    return LastDay(day, provisional)


@functools.cache
def _is_working_day(day: datetime.date, *, chinese: bool) -> tuple[bool, bool]:
    """Whether offices are open on a day, and whether that is known."""
    if not chinese:
        return day.weekday() < _SATURDAY, True
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < _SATURDAY, False
