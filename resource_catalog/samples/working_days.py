"""Working days of 2015 to 2017, so that no decision of the samples falls on a day when nobody decides.

The make-up working weekends are left out: a sample needs days that are certainly working days, not all of them.
"""

from __future__ import annotations

import datetime
import random

FIRST_DAY = datetime.date(2015, 1, 5)
LAST_DAY = datetime.date(2017, 12, 15)

#: Public holidays that fall on Monday to Friday, by the State Council's yearly notices (国务院办公厅节假日安排通知).
_HOLIDAYS_BY_YEAR = {
    2015: (
        (1, 1), (1, 2), (2, 18), (2, 19), (2, 20), (2, 23), (2, 24), (4, 6), (5, 1), (6, 22), (9, 3), (9, 4),
        (10, 1), (10, 2), (10, 5), (10, 6), (10, 7),
    ),
    2016: (
        (1, 1), (2, 8), (2, 9), (2, 10), (2, 11), (2, 12), (4, 4), (5, 2), (6, 9), (6, 10), (9, 15), (9, 16),
        (10, 3), (10, 4), (10, 5), (10, 6), (10, 7),
    ),
    2017: (
        (1, 2), (1, 27), (1, 30), (1, 31), (2, 1), (2, 2), (4, 3), (4, 4), (5, 1), (5, 29), (5, 30), (10, 2),
        (10, 3), (10, 4), (10, 5), (10, 6),
    ),
    2018: ((1, 1), (2, 15), (2, 16), (2, 19), (2, 20), (2, 21)),
}  # fmt: skip
HOLIDAYS = frozenset(datetime.date(year, month, day) for year, days in _HOLIDAYS_BY_YEAR.items() for month, day in days)


def is_working_day(day: datetime.date) -> bool:
    """Whether the day is a weekday and no public holiday."""
    return day.weekday() < 5 and day not in HOLIDAYS


def draw_working_day(chance: random.Random) -> datetime.date:
    """A working day between FIRST_DAY and LAST_DAY."""
    while True:
        day = FIRST_DAY + datetime.timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days + 1))
        if is_working_day(day):
            return day


def add_working_days(day: datetime.date, count: int) -> datetime.date:
    """The count-th working day after the day, which itself isn't counted."""
    while count > 0:
        day += datetime.timedelta(days=1)
        count -= is_working_day(day)
    return day
