"""What of the catalogue is late: releases beyond their promised cycle, open resources that nobody has opened."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from pipelines.commands.run import Run
from pipelines.handover import Form
from pipelines.ledger import DatasetState
from resource_catalog import fault_rules as rules
from resource_catalog.catalog_values import CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.selection import channels_of
from resource_catalog.update_clock import next_due
from resource_catalog.vocabulary import Openness


def _newest(entry: Entry, state: DatasetState) -> tuple[datetime.date, str] | None:
    """The day of the newest release by the ledger, else the newest day on which the entry says it was open; and which.

    None where there is neither: what was never opened is not late by its cycle.
    """
    published = [event for event in state.history if event.act == "published" and event.release is not None]
    if published:
        return published[0].at.date(), f"release {published[0].release}"
    if entry.opened is None:
        return None
    issued = entry.issued or entry.opened
    return (issued, "发布日期") if issued > entry.opened else (entry.opened, "the day it was opened")


def _stale(run: Run, entry: Entry, state: DatasetState) -> Iterator[CatalogFault]:
    newest = _newest(entry, state)
    due = next_due(entry.update_cycle.code, newest[0]) if newest else None
    if newest is None or due is None:
        return
    grace = run.agency.self_check.grace_days
    if run.at.date() > due + datetime.timedelta(days=grace):
        message = (
            f"it is promised {entry.update_cycle.written}, the newest is of {newest[0]} ({newest[1]}), "
            f"and the next was due by {due}, or {grace} days later"
        )
        yield rules.STALE.of(run.catalog, entry, message, key=("update_cycle",))


def _was_opened(entry: Entry, state: DatasetState) -> bool:
    if entry.openness.code is Openness.ON_REQUEST:
        return entry.opened is not None or state.shown in (Form.NOTICE, Form.RELEASE)
    return entry.opened is not None or state.live is not None


def _to_open_by(run: Run, issued: datetime.date) -> datetime.date:
    days = run.agency.self_check.open_within_days
    return datetime.date(issued.year, 12, 31) if days is None else issued + datetime.timedelta(days=days)


def _unopened(run: Run, entry: Entry, state: DatasetState) -> Iterator[CatalogFault]:
    key = ("openness",)
    if state.withdrawn:
        message = f"it was withdrawn ({state.withdrawn}), and the catalogue still says {entry.openness.written}"
        yield rules.UNOPENED.of(run.catalog, entry, message, key=key)
    elif _was_opened(entry, state):
        return
    elif entry.issued is None:
        message = f"it is {entry.openness.written} and not opened, and no 发布日期 says since when"
        yield rules.UNOPENED.of(run.catalog, entry, message, key=key)
    elif run.at.date() > (until := _to_open_by(run, entry.issued)):
        message = f"it is {entry.openness.written} since {entry.issued}, was to be opened by {until}, and is not"
        yield rules.UNOPENED.of(run.catalog, entry, message, key=key)


def _ahead(run: Run, entry: Entry) -> Iterator[CatalogFault]:
    for key, day in (("opened", entry.opened), ("issued", entry.issued)):
        if day is not None and day > run.at.date():
            yield rules.DATE_AHEAD.of(run.catalog, entry, f"{key} is {day}, and today is {run.at.date()}", key=(key,))


def check_currency(run: Run) -> list[CatalogFault]:
    """What is late on the run's day, by the ledger where it knows the dataset and by the entry's own dates elsewhere.

    Raises:
        OutsideError: the ledger is broken.
    """
    states = run.states()
    found: list[CatalogFault] = []
    for entry in run.catalog.entries:
        found += _ahead(run, entry)
        if entry.openness.code is Openness.WITHHELD or "portal" not in channels_of(entry):
            continue
        state = states.get(entry.id, DatasetState(entry.id))
        found += [*_stale(run, entry, state), *_unopened(run, entry, state)]
    return found
