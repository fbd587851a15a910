"""Working days of the city's years, make-up weekends included, by the State Council's yearly notices."""

from __future__ import annotations

import bisect
import datetime
import functools

import chinese_calendar

FIRST_DAY = datetime.date(2015, 1, 5)
LAST_DAY = datetime.date(2018, 2, 28)

#: All working days from FIRST_DAY to LAST_DAY.
WORKING_DAYS: tuple[datetime.date, ...] = tuple(chinese_calendar.get_workdays(FIRST_DAY, LAST_DAY))


@functools.cache
def is_working_day(day: datetime.date) -> bool:
    """Whether offices were open on the day."""
    return bool(chinese_calendar.is_workday(day))


def position(day: datetime.date) -> int:
    """How many of WORKING_DAYS lie before the day."""
    return bisect.bisect_left(WORKING_DAYS, day)


def add_working_days(day: datetime.date, count: int) -> datetime.date:
    """The count-th working day after the day, which itself isn't counted; LAST_DAY where that lies beyond it."""
    at = bisect.bisect_right(WORKING_DAYS, day) + count - 1
    if count == 0:
        return day
    return WORKING_DAYS[at] if at < len(WORKING_DAYS) else LAST_DAY
