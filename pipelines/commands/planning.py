"""Plan: decide on every dataset that is meant; one that fails becomes its own verdict and stops no other."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipelines.commands.prepare import Prepared, prepare
from pipelines.commands.publications import as_last_known
from pipelines.commands.run import Run
from pipelines.commands.sharing_contracts import held_to_contracts
from pipelines.commands.sharing_state import Sharing, read_sharing
from pipelines.home import disk_failure
from pipelines.ledger import DatasetState
from pipelines.plan import Decision, Verdict
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError

Result = TypeVar("Result")


def failed(entry: Entry, error: Exception) -> Decision:
    """A dataset's failure as its verdict."""
    if isinstance(error, OSError):
        error = disk_failure("a file could not be read or written", Path(error.filename or "."), error)
    if isinstance(error, OpenDataError):
        reason = str(error)
    else:
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = (
            f"a fault of the program, not of the data: {type(error).__name__}: {error} "
            f"({where.name}, line {where.lineno}) → please report it with this line"
        )
    return Decision(entry.id, entry.title, entry.owner, Verdict.FAILED, reason)


def isolated(entry: Entry, work: Callable[[], Result]) -> Result | Decision:
    """What the work gives, or the dataset's failure: the one place where an exception becomes a verdict."""
    try:
        return work()
    except Exception as error:
        return failed(entry, error)


def _of_broken(run: Run, wanted: Sequence[str]) -> list[Decision]:
    """Entries that can't be read: whatever is published of them stays as it is."""
    return [
        Decision(
            broken.id,
            broken.id,
            broken.owner,
            Verdict.FAILED,
            "; ".join(str(error) for error in broken.errors),
        )
        for broken in run.catalog.broken
        if not wanted or broken.id in wanted
    ]


def _of_lost(run: Run, states: dict[str, DatasetState]) -> list[Decision]:
    """Datasets that readers see and the catalogue has no more: nobody said that they are to go."""
    known = {entry.id for entry in run.catalog.entries} | {broken.id for broken in run.catalog.broken}
    return [
        Decision(
            state.dataset,
            as_last_known(run, state).title,
            as_last_known(run, state).owner,
            Verdict.BLOCKED,
            f"{_what(state)}, and the catalogue has no such entry any more → put the entry back, "
            f"or run `opendata withdraw {state.dataset} --reason …`",
            release=state.live,
        )
        for state in states.values()
        if state.dataset not in known and not state.withdrawn and (state.live is not None or state.shown)
    ]


def _what(state: DatasetState) -> str:
    return "its notice is published" if state.live is None else f"release {state.live} is published"


def _held(sharing: Sharing, prepared: Prepared) -> Prepared:
    """What was prepared, held to what other bureaus rely on."""
    held = isolated(prepared.entry, partial(held_to_contracts, sharing, prepared))
    return replace(prepared, decision=held) if isinstance(held, Decision) else held


def prepare_all(run: Run, wanted: Sequence[str] = ()) -> tuple[list[Prepared], list[Decision]]:
    """Everything in hand for the datasets that are meant, and the decisions on those that have no readable entry.

    Of datasets that are named, every published byte is read again; of all together, the targets' word is taken.
    """
    states = dict(run.states())
    sharing = read_sharing(run)  # a broken chain of acts of sharing ends the run before it does anything, too
    selections = run.selections(wanted)
    run.progress.start(len(selections))
    prepared = []
    for selection in selections:
        entry = selection.entry
        state = states.get(entry.id, DatasetState(entry.id))
        one = isolated(entry, partial(prepare, run, selection, state, reread=bool(wanted)))
        prepared.append(_held(sharing, Prepared(one, entry, state) if isinstance(one, Decision) else one))
        run.progress.done(entry.id, prepared[-1].decision.verdict.value)
    others = _of_broken(run, wanted) + ([] if wanted else _of_lost(run, states))
    return prepared, others
