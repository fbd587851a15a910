"""What a target is to show of a dataset, from the catalogue, the ledger and the store of releases."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from pipelines.commands.run import Run
from pipelines.handover import Form, Publication, Release, Standing
from pipelines.ledger import DatasetState
from pipelines.releases import numbers, read_release
from quality.disclosure.columns import public_schema
from quality.finding import HeldBack, Quality, RepairLog, Severity, Waived
from resource_catalog.entry import Entry
from resource_catalog.errors import OutsideError
from resource_catalog.table_schema import SchemaField, TableSchema, parse_table_schema
from resource_catalog.workspace import table_schema


def published_schema(release: Release) -> TableSchema:
    """The schema that a release carries."""
    return parse_table_schema(release.resource["schema"], str(release.folder))


def published_quality(release: Release) -> Quality:
    """The quality summary that a release carries; it has counts and no examples."""
    summary = json.loads((release.folder / "quality.json").read_text(encoding="utf-8"))
    rules = summary["rules"]
    return Quality(
        rows=summary["rows"],
        counts={rule["rule"]: rule["count"] for rule in rules},
        severities={rule["rule"]: Severity(rule["severity"]) for rule in rules},
        score=summary["score"],
        dimensions=summary["dimensions"],
        held_back=_held_back(summary.get("held_back")),
        waived=tuple(map(_waived, summary.get("waivers", ()))),
        # Releases made before repairs were logged have none.
        repairs=tuple(RepairLog(**log) for log in summary.get("repairs", ())),
    )


def _held_back(facts: Mapping[str, Any] | None) -> HeldBack | None:
    if facts is None:
        return None
    return HeldBack(facts["rows"], facts["of"], {rule["rule"]: rule["rows"] for rule in facts["rules"]})


def _waived(facts: Mapping[str, Any]) -> Waived:
    until = datetime.date.fromisoformat(facts["until"])
    return Waived(facts["rule"], facts["column"], facts["count"], facts["reason"], facts["person"], until)


def stored(run: Run, dataset: str, number: int | None) -> Release | None:
    """A release that the ledger knows of; None for none.

    Raises:
        OutsideError: the store has lost it.
    """
    if number is None:
        return None
    if number not in numbers(run.home.releases, dataset):
        raise OutsideError(
            f"the ledger knows of release {number}, and the store lacks it",
            where=str(run.home.releases / dataset),
            fix="restore the folder from a backup, or withdraw the dataset",
        )
    return read_release(run.home.releases, dataset, number)


def all_stored(run: Run, dataset: str) -> tuple[Release, ...]:
    """Every release in the store, oldest first."""
    return tuple(read_release(run.home.releases, dataset, number) for number in numbers(run.home.releases, dataset))


def closed_columns(run: Run, entry: Entry, release: Release) -> list[str]:
    """Columns of a release that the schema of today no longer opens to the public, or masks in another way."""
    if entry.id not in run.catalog.by_id:
        return []  # the catalogue has it no more, and says nothing
    today = {field.name: field for field in table_schema(run.workspace, entry).fields}
    return [
        field.name
        for field in published_schema(release).fields
        if field.name in today and _closed(today[field.name], field)
    ]


def _closed(today: SchemaField, published: SchemaField) -> bool:
    return today.disclosure != "open" or (today.mask is not None and today.mask != published.mask)


def release_publication(run: Run, entry: Entry, state: DatasetState) -> Publication:
    """The live release as its page, with the releases that stay at their own addresses.

    A release before it that has a column which was closed or masked since stays no longer.
    """
    release = stored(run, state.dataset, state.live)
    if release is None:
        raise OutsideError("no release is live by the ledger", where=entry.id, fix="publish the dataset")
    visible = [stored(run, state.dataset, number) for number in state.visible]
    kept = tuple(
        each for each in visible if each and (each.number == state.live or not closed_columns(run, entry, each))
    )
    return Publication(
        entry, run.agency, published_schema(release), Form.RELEASE, release, kept, state.history, state.acts
    )


def _described(run: Run, entry: Entry) -> TableSchema:
    return public_schema(table_schema(run.workspace, entry), str(run.workspace.schema_file(entry)))


def notice(run: Run, entry: Entry, state: DatasetState) -> Publication:
    """An on-request dataset: page, dictionary and how to apply.

    Releases of a time when it was open go along so that the proof can search for their bytes.
    """
    recalled = all_stored(run, entry.id)
    return Publication(
        entry, run.agency, _described(run, entry), Form.NOTICE, None, recalled, state.history, state.acts
    )


def tombstone(run: Run, entry: Entry, state: DatasetState) -> Publication:
    """A withdrawn dataset: when and why. The releases go along so that the proof can search for their bytes."""
    recalled = all_stored(run, state.dataset)
    if recalled:
        schema = published_schema(recalled[-1])
    elif run.workspace.schema_file(entry).is_file():
        schema = _described(run, entry)
    else:
        schema = TableSchema(fields=())
    return Publication(entry, run.agency, schema, Form.TOMBSTONE, None, recalled, state.history, state.acts)


def as_shown(run: Run, state: DatasetState) -> Publication | None:
    """What targets should be showing by the ledger alone, whatever was changed in the catalogue since; or nothing."""
    if not state.entry:
        return None
    entry = Entry.model_validate(state.entry)
    if state.withdrawn:
        return tombstone(run, entry, state)
    release = stored(run, state.dataset, state.live)
    if release is None:
        return notice(run, entry, state) if state.shown == Form.NOTICE else None
    kept = tuple(each for number in state.kept if (each := stored(run, state.dataset, number)))
    return Publication(
        entry, run.agency, published_schema(release), Form.RELEASE, release, kept, state.history, state.acts
    )


def as_last_known(run: Run, state: DatasetState) -> Entry:
    """The entry as the catalogue has it, or as it was at the dataset's last act."""
    return run.catalog.by_id.get(state.dataset) or Entry.model_validate(state.entry)


def standings(run: Run, dataset: str) -> dict[str, Standing]:
    """What each target itself says that it shows."""
    found = {target.name: target.standing(dataset) for target in run.targets}
    return {name: standing for name, standing in found.items() if standing is not None}


def shown_facts(run: Run, dataset: str) -> dict[str, dict[str, object]]:
    """What each target shows, for a decision."""
    found: dict[str, dict[str, object]] = {
        name: {"form": standing.form.value, "release": standing.release}
        for name, standing in standings(run, dataset).items()
    }
    shared = run.sharing.facts(dataset) if run.sharing else None
    return {**found, run.sharing.name: shared} if run.sharing and shared else found


def to_write(run: Run, publication: Publication, state: DatasetState, *, reread: bool) -> list[str]:
    """The targets that show something else than this publication, or were never proved to show it.

    With `reread`, every byte is read there and held against the publication; without it, the targets' word is taken.
    """
    behind = []
    for target in run.targets:
        digest = target.digest(publication)
        standing = target.standing(publication.dataset)
        told = standing is not None and standing.digest == digest == state.proved.get(target.name)
        if not told or (reread and target.prove(publication).faults):
            behind.append(target.name)
    return behind
