"""Taking needs in: from a file, all its rows or none; from the platform's page, each by itself."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.shares.acts import NEED_REJECTED, SharingAct
from pipelines.shares.need_file import read_needs
from pipelines.shares.need_rows import (
    BASIS,
    BUREAU,
    FREQUENCY,
    MODE,
    PURPOSE,
    RECEIVED,
    RESOURCE,
    NeedFault,
    WrittenNeed,
    understood,
)
from pipelines.shares.needs import Request, is_known, last_need, submit
from pipelines.shares.offers import Offers
from pipelines.shares.replay import apply
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import SharingState
from resource_catalog.agency import Agency
from resource_catalog.errors import OutsideError
from resource_catalog.template_workbook import ImportFault
from resource_catalog.working_days import office_day

_PLATFORM = "platform"


@dataclass(frozen=True)
class Intake:
    """What became of needs: ids taken in, how many were known already, what is wrong, and the acts to note."""

    taken: tuple[str, ...] = ()
    known: int = 0
    faults: tuple[ImportFault, ...] = ()
    acts: tuple[SharingAct, ...] = ()


def take_file(file: Path, state: SharingState, offers: Offers, today: datetime.date, stamp: Stamp) -> Intake:
    """Take in the needs of a file; with any fault, none of them.

    Raises:
        WorkspaceError: it is no such file.
    """
    rows, faults = read_needs(file)
    requests: list[Request] = []
    first: dict[tuple[str, str], int] = {}
    for row, written in rows:
        request, wrong = understood(written, state, offers, today)
        faults += [ImportFault(row.sheet, row.number, one.heading, one.message, one.fix) for one in wrong]
        if request is None:
            continue
        same = first.setdefault((request.bureau, request.dataset), row.number)
        if same != row.number:
            message = f"row {same} is of the same bureau and resource"
            faults.append(ImportFault(row.sheet, row.number, RESOURCE, message, "keep one row of the two"))
        requests.append(request)
    if faults:
        return Intake(faults=tuple(sorted(faults, key=lambda fault: (fault.sheet, fault.row, fault.column))))
    return _taken(requests, state, offers, stamp)


def _taken(requests: Iterable[Request], state: SharingState, offers: Offers, stamp: Stamp) -> Intake:
    """Changes `state`, for one need may follow from another."""
    acts: list[SharingAct] = []
    taken: list[str] = []
    known = 0
    for request in requests:
        offer = offers.get(request.dataset)
        if offer is None or is_known(state, request):
            known += 1
            continue
        new = submit(state, offer, request, len(state.needs) + 1, stamp)
        for act in new:
            apply(state, act)
        acts += new
        taken.append(new[0].subject)
    return Intake(tuple(taken), known, (), tuple(acts))


def take_from_platform(calls: Path, state: SharingState, offers: Offers, today: datetime.date, stamp: Stamp) -> Intake:
    """Take in what bureaus handed in on the server's page and was not taken in yet; a faulty one is told once.

    Args:
        calls: The servers' `calls.sqlite`; it need not be there.
        state: As it is.
        offers: Of the catalogue.
        today: The day of the run.
        stamp: When.

    Raises:
        OutsideError: the file can't be read.
    """
    result = Intake()
    for number, (origin, at, bureau, document) in enumerate(_submitted(calls), start=1):
        if origin not in state.origins:
            written = _written(offers.catalog.agency, origin, at, bureau, document)
            one = _one(number, written, bureau, origin, state, offers, today, stamp)
            faults, acts = (*result.faults, *one.faults), (*result.acts, *one.acts)
            result = Intake((*result.taken, *one.taken), result.known + one.known, faults, acts)
    return result


def _one(
    number: int,
    written: WrittenNeed | str,
    bureau: str,
    origin: str,
    state: SharingState,
    offers: Offers,
    today: datetime.date,
    stamp: Stamp,
) -> Intake:
    """One need of the platform, `number` in their order; changes `state`."""
    if isinstance(written, str):
        return _rejected(number, bureau, "", origin, [NeedFault("document", written, "ask the bureau")], state, stamp)
    request, wrong = understood(written, state, offers, today)
    if request is None:
        return _rejected(number, bureau, written.texts[RESOURCE], origin, wrong, state, stamp)
    same = last_need(state, request.bureau, request.dataset)
    if same is None or not is_known(state, request):
        return _taken([request], state, offers, stamp)
    facts = {"bureau": bureau, "dataset": request.dataset, "faults": [f"{same.id} asks for the same already"]}
    act = stamp.act(NEED_REJECTED, origin, **facts)
    apply(state, act)
    return Intake(known=1, acts=(act,))


def _rejected(
    number: int,
    bureau: str,
    dataset: str,
    origin: str,
    wrong: Sequence[NeedFault],
    state: SharingState,
    stamp: Stamp,
) -> Intake:
    faults = [ImportFault(_PLATFORM, number, one.heading, f"{bureau}: {one.message}", one.fix) for one in wrong]
    said = [f"{one.heading}: {one.message}" for one in wrong]
    act = stamp.act(NEED_REJECTED, origin, bureau=bureau, dataset=dataset, faults=said)
    apply(state, act)
    return Intake(faults=tuple(faults), acts=(act,))


def _submitted(calls: Path) -> Sequence[tuple[str, str, str, str]]:
    if not calls.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{calls.absolute().as_uri()}?mode=ro", uri=True, timeout=20)) as reader:
            rows = reader.execute("SELECT id, at, bureau, document FROM submitted_need ORDER BY at, id").fetchall()
    except sqlite3.Error as error:
        fix = "see that the sharing server's store is whole, then run again"
        raise OutsideError(f"the platform's needs can't be read: {error}", where=str(calls), fix=fix) from error
    return [(f"{_PLATFORM}:{row[0]}", str(row[1]), str(row[2]), str(row[3])) for row in rows]


def _written(agency: Agency, origin: str, at: str, bureau: str, document: str) -> WrittenNeed | str:
    """A document of the platform, which anybody with a token may have written; else why it is none."""
    try:
        facts = json.loads(document)
        texts = {heading: _text(facts[key]) for heading, key in _KEYS.items()}
        texts = {heading: text or _UNSAID.get(heading, "") for heading, text in texts.items()}
        conditions = {
            _text(column): [_text(one) for one in _list(values)] for column, values in facts["conditions"].items()
        }
        columns = [_text(one) for one in _list(facts["columns"])]
        received = office_day(agency, datetime.datetime.fromisoformat(at)).isoformat()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"no need that can be read ({type(error).__name__})"
    return WrittenNeed({**texts, BUREAU: bureau, RECEIVED: received}, columns, conditions, origin)


#: What the page doesn't ask for stands to reason there.
_UNSAID = {MODE: "共享平台", FREQUENCY: "随更新"}
_KEYS = {RESOURCE: "dataset", PURPOSE: "purpose", BASIS: "basis", MODE: "mode", FREQUENCY: "frequency"}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
