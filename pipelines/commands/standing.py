"""Status and verify: where each dataset stands, and whether every published byte is what was released."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.commands.publications import notice, release_publication, standings, tombstone
from pipelines.commands.run import Run
from pipelines.handover import Proof, Publication
from pipelines.ledger import DatasetState
from pipelines.stages.prove import prove
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


@dataclass(frozen=True)
class Status:
    """Where one dataset stands: by the catalogue, by the ledger, and by each target's own word."""

    dataset: str
    title: str
    owner: str
    selected: str
    release: int | None
    released_at: datetime.datetime | None
    age_days: int | None
    promised_days: int | None
    late: bool
    withdrawn: str
    targets: dict[str, dict[str, object]]


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


def _publication(run: Run, selection: Selection, state: DatasetState) -> Publication | None:
    """What the targets should be showing by the ledger; None for nothing."""
    if state.withdrawn:
        return tombstone(run, selection.entry, state)
    if state.live is not None:
        return release_publication(run, selection.entry, state)
    return notice(run, selection.entry) if selection.form == "notice" else None


def verify(run: Run, wanted: Sequence[str] = ()) -> list[Proof]:
    """Re-read every published byte and compare it with its release; a proof per dataset and target.

    Raises:
        OutsideError: the ledger or the store of releases is broken.
    """
    states = run.states()
    proofs = []
    for selection in run.selections(wanted):
        state = states.get(selection.entry.id, DatasetState(selection.entry.id))
        publication = _publication(run, selection, state)
        if publication is not None:
            run.progress.step(selection.entry.id, "verify")
            proofs += [prove(target, publication) for target in run.targets]
    return proofs
