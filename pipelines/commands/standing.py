"""Status and verify: where each dataset stands, and whether every published byte is what was released."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.commands.publications import as_last_known, notice, release_publication, standings, tombstone
from pipelines.commands.run import Run
from pipelines.handover import Proof, Publication, Status
from pipelines.ledger import DatasetState
from pipelines.stages.prove import prove
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError
from resource_catalog.selection import Selection
from resource_catalog.vocabulary import UpdateCycle

#: Days after which a release is older than its cycle promises; what has no clock is not here (standards.md 6).
_DAYS = {
    UpdateCycle.DAILY: 1,
    UpdateCycle.WEEKLY: 7,
    UpdateCycle.MONTHLY: 31,
    UpdateCycle.QUARTERLY: 92,
    UpdateCycle.HALF_YEARLY: 184,
    UpdateCycle.YEARLY: 366,
}


def _status(run: Run, selection: Selection, state: DatasetState) -> Status:
    entry = selection.entry
    events = [event for event in state.history if event.act == "published"]
    last = events[0].at if events else None
    age = (run.at - last).days if last else None
    promised = _DAYS.get(entry.update_cycle.code)
    return Status(
        dataset=entry.id,
        title=entry.title,
        owner=entry.owner,
        selected=selection.reason,
        release=state.live,
        released_at=last,
        age_days=age,
        promised_days=promised,
        late=bool(state.live and age is not None and promised is not None and age > promised),
        withdrawn=state.withdrawn,
        targets={
            name: {"form": standing.form.value, "release": standing.release}
            for name, standing in standings(run, entry.id).items()
        },
    )


def status(run: Run, wanted: Sequence[str] = ()) -> list[Status]:
    """Where every dataset that is meant stands."""
    states = run.states()
    return [
        _status(run, selection, states.get(selection.entry.id, DatasetState(selection.entry.id)))
        for selection in run.selections(wanted)
    ]


def _publication(run: Run, entry: Entry, state: DatasetState) -> Publication | None:
    """What the targets should be showing by the ledger; None for nothing."""
    if state.withdrawn:
        return tombstone(run, entry, state)
    if state.live is not None:
        return release_publication(run, entry, state)
    return notice(run, entry, state) if state.shown == "notice" else None


def _meant(run: Run, wanted: Sequence[str]) -> list[tuple[Entry, DatasetState]]:
    """The datasets to verify; also those that readers see and whose entry is gone or broken."""
    states = run.states()
    selected = run.selections(wanted)
    meant = [(found.entry, states.get(found.entry.id, DatasetState(found.entry.id))) for found in selected]
    readable = {entry.id for entry in run.catalog.entries}
    for state in states.values():
        if state.dataset not in readable and state.entry and (not wanted or state.dataset in wanted):
            meant.append((as_last_known(run, state), state))
    return sorted(meant, key=lambda each: each[0].id)


def verify(run: Run, wanted: Sequence[str] = ()) -> list[Proof]:
    """Re-read every published byte and compare it with its release; a proof per dataset and target.

    Raises:
        OutsideError: the ledger is broken.
    """
    meant = _meant(run, wanted)
    run.progress.start(len(meant))
    proofs = []
    for entry, state in meant:
        run.progress.step(entry.id, "verify")
        try:
            publication = _publication(run, entry, state)
        except OpenDataError as error:  # what readers should see can't even be told
            proofs += [Proof(target.name, entry.id, 0, 0, (str(error),)) for target in run.targets]
            continue
        proofs += [prove(target, publication) for target in run.targets if publication]
    return proofs
