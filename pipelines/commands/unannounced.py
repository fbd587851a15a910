"""Releases that the store has and the ledger does not: of a run that was cut short, or because the ledger is old."""

from __future__ import annotations

from pipelines.commands.publications import standings
from pipelines.commands.run import Run
from pipelines.handover import Form, Release, Standing
from pipelines.ledger import DatasetState
from pipelines.releases import OWN, numbers, read_release
from resource_catalog.errors import OutsideError


def _unannounced(run: Run, dataset: str, state: DatasetState) -> list[Release]:
    known = numbers(run.home.releases, dataset)
    return [read_release(run.home.releases, dataset, number) for number in known if number > (state.released or 0)]


def next_number(run: Run, dataset: str, state: DatasetState) -> int:
    """The number after every release that was ever made; one that nobody saw keeps its own."""
    return max([state.numbered, *numbers(run.home.releases, dataset)]) + 1


def adoptable(run: Run, dataset: str, state: DatasetState, previous: Release | None) -> Release | None:
    """The release that a run made whole and could not note any more, if the store has one.

    Raises:
        OutsideError: the store's chain goes on where the ledger ends, so the ledger is an old copy.
    """
    digest = previous.digest if previous else None
    found = _unannounced(run, dataset, state)
    for release in found:
        if release.descriptor[OWN]["previous"] != digest:
            raise OutsideError(
                f"the store has release {release.number}, and the ledger knows of none after {state.released or 0}",
                where=str(release.folder),
                fix="restore the newest ledger; publishing now would show again what may have been withdrawn",
            )
    return found[-1] if found else None


def _unknown(standing: Standing, state: DatasetState) -> str:
    """What a target shows of which the ledger knows nothing; "" where there is no such thing."""
    if (standing.release or 0) > state.numbered:
        return f"release {standing.release}, and the ledger knows of none after {state.numbered}"
    withdrawn = sum(event.act == "withdrawn" for event in state.history)
    unknown_act = bool(standing.act) and standing.act not in state.acts
    if standing.withdrawals > withdrawn or (standing.form is Form.TOMBSTONE and (unknown_act or not withdrawn)):
        return "that the dataset was withdrawn, and the ledger knows nothing of it"
    if unknown_act:
        return f"what another ledger tells of (release {standing.release}, act {standing.act})"
    return ""


def refuse_old_ledger(run: Run, dataset: str, state: DatasetState) -> None:
    """Refuse to go on where a target knows more than the ledger: it was lost, or put back from an older copy.

    Raises:
        OutsideError: a target shows a later release, or a withdrawal that the ledger does not know, or what another
            publisher made with a ledger of its own.
    """
    for name, standing in standings(run, dataset).items():
        unknown = _unknown(standing, state)
        if unknown:
            raise OutsideError(
                f"{name} shows {unknown}",
                where=dataset,
                fix="restore the newest ledger and releases, for publishing now would take readers back; where they "
                f"are lost for good, `opendata withdraw {dataset}` and `opendata rollback {dataset}` begin anew",
            )
