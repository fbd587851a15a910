"""What a target is to show of a dataset, from the catalogue, the ledger and the store of releases."""

from __future__ import annotations

from pipelines.commands.run import Run
from pipelines.handover import Form, Publication, Release, Standing
from pipelines.ledger import DatasetState
from pipelines.releases import numbers, read_release
from quality.disclosure.columns import public_schema
from resource_catalog.entry import Entry
from resource_catalog.errors import OutsideError
from resource_catalog.table_schema import TableSchema, parse_table_schema
from resource_catalog.workspace import table_schema


def published_schema(release: Release) -> TableSchema:
    """The schema that a release carries."""
    return parse_table_schema(release.resource["schema"], str(release.folder))


def release_of(run: Run, state: DatasetState) -> Release | None:
    """The release that readers should see by the ledger.

    Raises:
        OutsideError: the store has lost it.
    """
    if state.live is None:
        return None
    if state.live not in numbers(run.home.releases, state.dataset):
        raise OutsideError(
            f"the ledger says that release {state.live} is published, and the store lacks it",
            where=str(run.home.releases / state.dataset),
            fix="restore the folder from a backup, or withdraw the dataset",
        )
    return read_release(run.home.releases, state.dataset, state.live)


def release_publication(run: Run, entry: Entry, state: DatasetState) -> Publication:
    """The live release as its page, with the releases that stay at their own addresses."""
    release = release_of(run, state)
    if release is None:
        raise OutsideError("no release is live by the ledger", where=entry.id, fix="publish the dataset")
    kept = tuple(read_release(run.home.releases, state.dataset, number) for number in state.visible)
    return Publication(entry, run.agency, published_schema(release), Form.RELEASE, release, kept, state.history)


def notice(run: Run, entry: Entry) -> Publication:
    """An on-request dataset: page, dictionary and how to apply."""
    schema = public_schema(table_schema(run.workspace, entry), str(run.workspace.schema_file(entry)))
    return Publication(entry, run.agency, schema, Form.NOTICE)


def tombstone(run: Run, entry: Entry, state: DatasetState) -> Publication:
    """A withdrawn dataset: when and why. The releases go along so that the proof can search for their bytes."""
    recalled = tuple(
        read_release(run.home.releases, state.dataset, number) for number in numbers(run.home.releases, state.dataset)
    )
    if recalled:
        schema = published_schema(recalled[-1])
    else:
        schema = public_schema(table_schema(run.workspace, entry), str(run.workspace.schema_file(entry)))
    return Publication(entry, run.agency, schema, Form.TOMBSTONE, kept=recalled, history=state.history)


def as_last_known(run: Run, state: DatasetState) -> Entry:
    """The entry as the catalogue has it, or as it was at the dataset's last act."""
    for entry in run.catalog.entries:
        if entry.id == state.dataset:
            return entry
    return Entry.model_validate(state.entry)


def standings(run: Run, dataset: str) -> dict[str, Standing]:
    """What each target itself says that it shows."""
    found = {target.name: target.standing(dataset) for target in run.targets}
    return {name: standing for name, standing in found.items() if standing is not None}


def to_write(run: Run, publication: Publication) -> list[str]:
    """The targets that show something else than this publication."""
    return [
        target.name
        for target in run.targets
        if (standing := target.standing(publication.dataset)) is None or standing.digest != target.digest(publication)
    ]
