"""Withdraw and rollback: take a dataset back from every target, or put an earlier release back, with proof."""

from __future__ import annotations

from dataclasses import replace

from pipelines.commands.lanes import Lanes
from pipelines.commands.publications import (
    all_stored,
    as_last_known,
    closed_columns,
    standings,
    stored,
    to_write,
    tombstone,
)
from pipelines.commands.publishing import confirm, note_reopening, note_rollback, note_withdrawal, refresh
from pipelines.commands.run import Run
from pipelines.commands.showing import begin_to_prove, show
from pipelines.commands.unannounced import refuse_old_ledger
from pipelines.handover import Form, Publication, Release
from pipelines.ledger import SHARED_AGAIN, UNSHARED, Act, DatasetState
from pipelines.plan import Decision, Verdict
from resource_catalog.entry import Entry
from resource_catalog.errors import NotPermittedError, UsageError
from resource_catalog.selection import is_for_bureaus

_LOOK = "look at `opendata status`"


def known_state(run: Run, dataset: str) -> DatasetState:
    """What the ledger says of a dataset; nothing, where it was lost and a target shows the dataset all the same.

    Raises:
        UsageError: nothing of it was ever published.
    """
    state = run.states().get(dataset)
    if state is None:
        run.selections([dataset])  # names the nearest ids where this one is unknown
        if standings(run, dataset) or _is_shared(run, dataset):
            return DatasetState(dataset)
        raise UsageError("nothing of it was ever published", where=dataset, fix=_LOOK)
    return state


def _is_shared(run: Run, dataset: str) -> bool:
    return run.sharing is not None and bool(run.sharing.tables(dataset))


def _only_shared(run: Run, state: DatasetState) -> bool:
    """Whether other bureaus alone read it, or did until it was taken back from them."""
    public = state.live is not None or state.shown or state.withdrawn or standings(run, state.dataset)
    return not public and (bool(state.unshared) or _is_shared(run, state.dataset))


def _shown(run: Run, publication: Publication, decision: Decision) -> Decision:
    shown = show(run, publication)
    refresh(run)
    return replace(decision, targets=confirm(run, begin_to_prove(run, shown, Lanes())))


def withdraw(run: Run, dataset: str, reason: str) -> Decision:
    """Recall a dataset from every target: a tombstone with date and reason, no byte of any release, and proof.

    Raises:
        UsageError: there is nothing to withdraw, or no reason.
        OutsideError: a target still shows something; running it again goes on from there.
    """
    if not reason.strip():
        raise UsageError("a withdrawal needs a reason that readers can read", fix='add --reason "…"')
    state = known_state(run, dataset)
    entry = as_last_known(run, state)
    decision = Decision(dataset, entry.title, entry.owner, Verdict.WITHDRAWN, reason, release=state.live)
    if run.sharing is not None and is_for_bureaus(entry) and not state.unshared:
        only_shared = _only_shared(run, state)
        run.ledger.append(Act(UNSHARED, dataset, run.at, run.name, detail={"reason": reason}))
        if only_shared:
            return decision
    elif _only_shared(run, state):
        return decision
    if not state.withdrawn:
        return _shown(run, note_withdrawal(run, entry, state, reason, Form.TOMBSTONE), decision)
    publication = tombstone(run, entry, state)
    if not to_write(run, publication, state, reread=True):
        raise UsageError(f"it is withdrawn already: {state.withdrawn}", where=dataset, fix=_LOOK)
    return _shown(run, publication, replace(decision, reason=state.withdrawn))


def _number_before(run: Run, state: DatasetState) -> int:
    """The release to go back to where none is named: the last one if it is withdrawn, else the one before."""
    earlier = [each.number for each in _released(run, state) if state.live is None or each.number < state.live]
    if not earlier:
        raise UsageError("there is no earlier release", where=state.dataset, fix=_LOOK)
    return earlier[-1]


def _released(run: Run, state: DatasetState) -> list[Release]:
    """The releases that readers ever saw; one of a run that was cut short is none of them."""
    seen = {event.release for event in state.history if event.act == "published"}
    return [release for release in all_stored(run, state.dataset) if release.number in seen]


def _permitted_form(run: Run, state: DatasetState) -> tuple[Entry, str]:
    """The entry, and what of it may be shown by the catalogue of today.

    Raises:
        NotPermittedError: the catalogue does not open it.
    """
    (selection,) = run.selections([state.dataset]) or (None,)
    if selection is None or selection.form is None:
        reason = selection.reason if selection else "its entry can't be read"
        raise NotPermittedError(
            f"the catalogue doesn't open it: {reason}", where=state.dataset, fix="change the entry first"
        )
    return selection.entry, selection.form


def _may_return(run: Run, entry: Entry, state: DatasetState, number: int) -> None:
    """Refuse a release that isn't there, is shown already, or has columns that were closed since."""
    known = [release.number for release in _released(run, state)]
    if number not in known:
        said = ", ".join(map(str, known)) or "none"
        raise UsageError(f"there is no release {number}; there are: {said}", where=entry.id, fix="name one with --to")
    if number == state.live:
        raise UsageError(f"release {number} is the one that readers see", where=entry.id, fix="name another with --to")
    release = stored(run, entry.id, number)
    closed = closed_columns(run, entry, release) if release else []
    if closed:
        raise NotPermittedError(
            f"release {number} has columns that the schema has closed since: {', '.join(closed)}",
            where=entry.id,
            fix="name a release without them with --to, or open them in the schema",
        )


def rollback(run: Run, dataset: str, number: int | None) -> Decision:
    """Put an earlier release back as the latest, on every target, with proof.

    A withdrawn dataset that is to be had on request has its page again, and no data. One of which no release is left,
    since the home was lost, may be published anew.

    Raises:
        UsageError: there is no such release.
        NotPermittedError: the catalogue or the schema of today doesn't open it.
        OutsideError: a target shows what the ledger doesn't know of.
    """
    state = known_state(run, dataset)
    if state.unshared:
        again = _shared_again(run, dataset)
        if _only_shared(run, state):
            return again
    refuse_old_ledger(run, dataset, state)
    entry, form = _permitted_form(run, state)
    if form == "notice":
        return _notice_again(run, entry, state)
    if state.withdrawn and number is None and not _released(run, state):
        return _reopened(run, entry)
    wanted = number if number is not None else _number_before(run, state)
    _may_return(run, entry, state, wanted)
    reason = f"release {wanted} was put back"
    decision = Decision(dataset, entry.title, entry.owner, Verdict.PUBLISHED, reason, release=wanted)
    return _shown(run, note_rollback(run, entry, state, wanted), decision)


def _notice_again(run: Run, entry: Entry, state: DatasetState) -> Decision:
    if not state.withdrawn:
        raise UsageError("it is to be had on request, and is not withdrawn", where=entry.id, fix=_LOOK)
    decision = Decision(entry.id, entry.title, entry.owner, Verdict.PUBLISHED, "its page was put back")
    return _shown(run, note_rollback(run, entry, state, None), decision)


def _shared_again(run: Run, dataset: str) -> Decision:
    entry = run.catalog.entry(dataset)
    run.ledger.append(Act(SHARED_AGAIN, dataset, run.at, run.name))
    return Decision(dataset, entry.title, entry.owner, Verdict.PUBLISHED, "other bureaus may read it again")


def _reopened(run: Run, entry: Entry) -> Decision:
    note_reopening(run, entry)
    reason = f"its withdrawal is over; no release of it is left, so `opendata publish {entry.id}` makes a new one"
    return Decision(entry.id, entry.title, entry.owner, Verdict.HELD, reason)
