"""Status, verify and drift: where each dataset stands, and what of it is no longer as it was published."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.commands.publications import as_last_known, as_shown, shown_facts, to_write, tombstone
from pipelines.commands.run import Run
from pipelines.commands.share_proving import prove_shares
from pipelines.handover import Difference, Proof, Status
from pipelines.ledger import DatasetState
from pipelines.stages.prove import prove
from resource_catalog.errors import OpenDataError
from resource_catalog.selection import Selection
from resource_catalog.update_clock import PROMISED_DAYS


def _status(run: Run, selection: Selection, state: DatasetState) -> Status:
    entry = selection.entry
    events = [event for event in state.history if event.act == "published"]
    last = events[0].at if events else None
    age = (run.at - last).days if last else None
    promised = PROMISED_DAYS.get(entry.update_cycle.code)
    recall = tombstone(run, as_last_known(run, state), state) if state.withdrawn else None
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
        withdrawing=tuple(to_write(run, recall, state, reread=False)) if recall else (),
        targets=shown_facts(run, entry.id),
    )


def status(run: Run, wanted: Sequence[str] = ()) -> list[Status]:
    """Where every dataset that is meant stands."""
    states = run.states()
    return [
        _status(run, selection, states.get(selection.entry.id, DatasetState(selection.entry.id)))
        for selection in run.selections(wanted)
    ]


def _meant(run: Run, wanted: Sequence[str]) -> list[DatasetState]:
    """The datasets to verify: all that were ever published, also those whose entry is gone or broken."""
    states = run.states()
    unpublished = [dataset for dataset in wanted if dataset not in states]
    if unpublished:
        run.selections(unpublished)  # refuses what the catalogue lacks, too
    return [state for dataset, state in sorted(states.items()) if not wanted or dataset in wanted]


def verify(run: Run, wanted: Sequence[str] = ()) -> list[Proof]:
    """Re-read every published byte and compare it with its release; a proof per dataset and target.

    Raises:
        OutsideError: the ledger is broken.
    """
    meant = _meant(run, wanted)
    run.progress.start(len(meant))
    proofs = []
    for state in meant:
        run.progress.step(state.dataset, "verify")
        try:
            publication = as_shown(run, state)
        except OpenDataError as error:  # what readers should see can't even be told
            proofs += [Proof(target.name, state.dataset, 0, 0, (str(error),)) for target in run.targets]
            continue
        proofs += [prove(target, publication) for target in run.targets if publication]
    return proofs + prove_shares(run, wanted)


def drift(run: Run, wanted: Sequence[str] = ()) -> tuple[list[Difference], list[str]]:
    """What someone else changed at the targets in values of ours; nothing is written.

    Returns:
        The differences, and a message for each dataset whose targets could not be asked.

    Raises:
        OutsideError: the ledger is broken.
    """
    meant = _meant(run, wanted)
    run.progress.start(len(meant))
    found: list[Difference] = []
    trouble: list[str] = []
    for state in meant:
        run.progress.step(state.dataset, "drift")
        try:
            publication = as_shown(run, state)
            if publication is not None:
                found += [one for target in run.targets for one in target.drift(publication)]
        except OpenDataError as error:
            trouble.append(f"{state.dataset}: {error}")
    return found, trouble
