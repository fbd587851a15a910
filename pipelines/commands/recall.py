"""Withdraw and rollback: take a dataset back from every target, or put an earlier release back, with proof."""

from __future__ import annotations

from dataclasses import replace

from pipelines.commands.publications import as_last_known, standings
from pipelines.commands.publishing import confirm, note_rollback, note_withdrawal, refresh, show
from pipelines.commands.run import Run
from pipelines.handover import Form, Publication
from pipelines.ledger import DatasetState
from pipelines.plan import Decision, Verdict
from pipelines.releases import numbers
from resource_catalog.errors import UsageError


def _known_state(run: Run, dataset: str) -> DatasetState:
    state = run.states().get(dataset)
    if state is None:
        raise UsageError("nothing of it was ever published", where=dataset, fix="look at `opendata status`")
    return state


def _shown(run: Run, publication: Publication, decision: Decision) -> Decision:
    receipts = show(run, publication)
    refresh(run)
    return replace(decision, targets=confirm(run, publication, receipts))


def withdraw(run: Run, dataset: str, reason: str) -> Decision:
    """Recall a dataset from every target: a tombstone with date and reason, no byte of any release, and proof.

    Raises:
        UsageError: there is nothing to withdraw, or no reason.
        OutsideError: a target still shows something; running it again goes on from there.
    """
    if not reason.strip():
        raise UsageError("a withdrawal needs a reason that readers can read", fix='add --reason "…"')
    state = run.states().get(dataset) or _of_notice(run, dataset)
    if state.withdrawn and all(found.form is Form.TOMBSTONE for found in standings(run, dataset).values()):
        raise UsageError(f"it is withdrawn already: {state.withdrawn}", where=dataset)
    entry = as_last_known(run, state)
    decision = Decision(dataset, entry.title, entry.owner, Verdict.WITHDRAWN, reason, release=state.live)
    return _shown(run, note_withdrawal(run, entry, state, reason), decision)


def _of_notice(run: Run, dataset: str) -> DatasetState:
    """The state of a dataset that has only ever had its notice."""
    if not standings(run, dataset):
        raise UsageError("no target shows anything of it", where=dataset, fix="look at `opendata status`")
    return DatasetState(dataset)


def _number_before(run: Run, state: DatasetState) -> int:
    """The release to go back to where none is named: the last one if it is withdrawn, else the one before."""
    known = numbers(run.home.releases, state.dataset)
    earlier = [number for number in known if state.live is None or number < state.live]
    if not earlier:
        raise UsageError("there is no earlier release", where=state.dataset, fix="look at `opendata status`")
    return earlier[-1]


def rollback(run: Run, dataset: str, number: int | None) -> Decision:
    """Put an earlier release back as the latest, on every target, with proof.

    Raises:
        UsageError: there is no such release.
    """
    state = _known_state(run, dataset)
    wanted = number if number is not None else _number_before(run, state)
    if wanted not in numbers(run.home.releases, dataset):
        known = ", ".join(map(str, numbers(run.home.releases, dataset))) or "none"
        raise UsageError(f"there is no release {wanted}; there are: {known}", where=dataset, fix="name one with --to")
    if wanted == state.live:
        raise UsageError(f"release {wanted} is the one that readers see", where=dataset, fix="name another with --to")
    entry = as_last_known(run, state)
    reason = f"release {wanted} was put back"
    decision = Decision(dataset, entry.title, entry.owner, Verdict.PUBLISHED, reason, release=wanted)
    return _shown(run, note_rollback(run, entry, state, wanted), decision)
