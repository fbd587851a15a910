"""By when the next release of a resource is due by its update cycle (standards.md 6)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from resource_catalog.vocabulary import UpdateCycle

_DAY = datetime.timedelta(days=1)
#: Months that a period of the cycle has.
_MONTHS: Mapping[UpdateCycle, int] = {
    UpdateCycle.MONTHLY: 1,
    UpdateCycle.QUARTERLY: 3,
    UpdateCycle.HALF_YEARLY: 6,
    UpdateCycle.YEARLY: 12,
}
#: Days after which a release is older than its cycle promises; what has no clock is not here (standards.md 6).
PROMISED_DAYS: Mapping[UpdateCycle, int] = {
    UpdateCycle.DAILY: 1,
    UpdateCycle.WEEKLY: 7,
    UpdateCycle.MONTHLY: 31,
    UpdateCycle.QUARTERLY: 92,
    UpdateCycle.HALF_YEARLY: 184,
    UpdateCycle.YEARLY: 366,
}


def next_due(cycle: UpdateCycle, last: datetime.date) -> datetime.date | None:
    """The end of the period after the one that `last` lies in, which is when the next release is due at the latest.

    A period is a day, a week from Monday, a month, a quarter, half a year or a year of the calendar. 实时, 不定期 and
    不更新 have no clock: None.
    """
    if cycle is UpdateCycle.DAILY:
        return last + _DAY
    if cycle is UpdateCycle.WEEKLY:
        return last + (13 - last.weekday()) * _DAY
    months = _MONTHS.get(cycle)
    if months is None:
        return None
    periods = (last.year * 12 + last.month - 1) // months + 2
    year, month = divmod(periods * months, 12)
    return datetime.date(year, month + 1, 1) - _DAY
