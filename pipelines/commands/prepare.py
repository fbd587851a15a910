"""Prepare: bring one dataset as far as it goes without writing anywhere but its work folder, and decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.commands.publications import (
    notice,
    published_schema,
    release_of,
    release_publication,
    standings,
    to_write,
    tombstone,
)
from pipelines.commands.run import Run
from pipelines.fingerprint import inputs_of
from pipelines.handover import Blocked, Checked, Comparison, Extract, Form, Publication, ReferredKeys
from pipelines.ledger import DatasetState
from pipelines.plan import Decision, Verdict
from pipelines.releases import latest_release
from pipelines.sources.steady import digest_file
from pipelines.stages.check import check
from pipelines.stages.compare import compare
from pipelines.stages.extract import extract, source_file
from pipelines.stages.package import same_as_before
from pipelines.stages.refer import refer
from quality.finding import Quality
from resource_catalog.entry import Entry
from resource_catalog.errors import OutsideError, WorkspaceError
from resource_catalog.selection import Selection
from resource_catalog.table_schema import TableSchema
from resource_catalog.workspace import table_schema


@dataclass(frozen=True)
class Prepared:
    """A decision, and what is in hand to carry it out: a compared table to package, or a publication to show."""

    decision: Decision
    entry: Entry
    state: DatasetState
    comparison: Comparison | None = None
    references: Sequence[ReferredKeys] = field(default=())
    publication: Publication | None = None


def _decision(
    entry: Entry, verdict: Verdict, reason: str, *, release: int | None = None, quality: Quality | None = None
) -> Decision:
    return Decision(entry.id, entry.title, entry.owner, verdict, reason, release=release, quality=quality)


def _shown(run: Run, dataset: str) -> dict[str, dict[str, object]]:
    return {
        name: {"form": standing.form.value, "release": standing.release}
        for name, standing in standings(run, dataset).items()
    }


def _showing(run: Run, publication: Publication, decision: Decision, state: DatasetState) -> Prepared:
    """A decision that stands if the targets show the publication already, and is an update if they don't."""
    behind = to_write(run, publication)
    if behind:
        known = standings(run, publication.dataset)
        verdict = Verdict.UPDATE if known else Verdict.NEW
        reason = f"{decision.reason}; to be shown on {', '.join(behind)}"
        decision = _decision(publication.entry, verdict, reason, release=decision.release, quality=decision.quality)
    return Prepared(decision, publication.entry, state, publication=publication)


def _settled(run: Run, entry: Entry, state: DatasetState, reason: str) -> Prepared:
    """A dataset whose release is made already."""
    publication = release_publication(run, entry, state)
    live = publication.release.number if publication.release else None
    if live != state.released:
        reason = f"release {live} was put back; a changed source makes the next one"
    return _showing(run, publication, _decision(entry, Verdict.UNCHANGED, reason, release=live), state)


def _source_digests(run: Run, entry: Entry, schema: TableSchema) -> list[str]:
    """Digest of the entry's source and of those of the tables that it refers to; "" for what has none."""
    digests = []
    for each in (entry, *(run.catalog.entry(parent) for parent in _parents(schema))):
        file = source_file(run.workspace, run.agency, each.source) if each.source else None
        digests.append(digest_file(file) if file else "")
    return digests


def _parents(schema: TableSchema) -> list[str]:
    return sorted({key.reference.resource for key in schema.foreign_keys if key.reference.resource})


def _referred(run: Run, schema: TableSchema, folder: Path) -> tuple[ReferredKeys, ...]:
    """The keys of the tables that the foreign keys point to, from their own sources."""
    found = []
    for parent in _parents(schema):
        entry = run.catalog.entry(parent)
        parent_schema = table_schema(run.workspace, entry)
        extracted = extract(run.workspace, run.agency, entry, folder / "referred" / parent, parent_schema.names)
        if isinstance(extracted, Blocked):
            first = extracted.quality.findings[0]
            raise WorkspaceError(
                f"its foreign keys can't be checked, for {parent} can't be read: {first.message}", where=first.place
            )
        columns = tuple(
            dict.fromkeys(
                name for key in schema.foreign_keys if key.reference.resource == parent for name in key.reference.fields
            )
        )
        found.append(refer(extracted, parent_schema, columns, folder / "referred" / f"{parent}.parquet"))
    return tuple(found)


def check_entry(run: Run, entry: Entry, schema: TableSchema) -> tuple[Checked | Blocked, tuple[ReferredKeys, ...]]:
    """One entry's source through extract and check, in its work folder."""
    folder = run.work / entry.id
    run.progress.step(entry.id, "extract")
    extracted = extract(run.workspace, run.agency, entry, folder / "table", schema.names)
    if not isinstance(extracted, Extract):
        return extracted, ()
    references = _referred(run, schema, folder)
    run.progress.step(entry.id, "check")
    return check(extracted, schema, run.agency.thresholds, references), references


def _blocked(run: Run, entry: Entry, blocked: Blocked, state: DatasetState) -> Prepared:
    first = blocked.quality.findings[0]
    count = blocked.quality.must
    more = f", and {count - 1} more" if count > 1 else ""
    reason = f"{first.place}: {first.message}{more} → {first.fix}"
    decision = _decision(entry, Verdict.BLOCKED, reason, release=state.live, quality=blocked.quality)
    return Prepared(decision, entry, state)


def _made_from(run: Run, entry: Entry, schema: TableSchema, state: DatasetState, inputs: str) -> Prepared:
    """A dataset whose source, schema or description moved since its last release."""
    checked, references = check_entry(run, entry, schema)
    if isinstance(checked, Blocked):
        return _blocked(run, entry, checked, state)
    run.progress.step(entry.id, "compare")
    previous = latest_release(run.home.releases, entry.id)
    before = published_schema(previous) if previous else None
    comparison = compare(checked, previous, before, run.workspace.schema_file(entry))
    if previous and state.released == previous.number and same_as_before(comparison, run.agency, references):
        return _settled(run, entry, state, f"the data is that of release {previous.number}")
    number = previous.number + 1 if previous else 1
    decision = Decision(
        dataset=entry.id,
        title=entry.title,
        owner=entry.owner,
        verdict=Verdict.UPDATE if state.live else Verdict.NEW,
        reason=_why(comparison),
        release=number,
        changes=comparison.changes,
        schema_changes=comparison.schema_changes,
        quality=checked.quality,
        inputs=inputs,
        targets=_shown(run, entry.id),
    )
    return Prepared(decision, entry, state, comparison, references)


def _why(comparison: Comparison) -> str:
    if comparison.previous is None:
        return "never published before"
    if comparison.schema_changes:
        return "; ".join(comparison.schema_changes)
    if comparison.changes.any:
        return "the data changed"
    return "its description changed"


def _ahead(run: Run, dataset: str, state: DatasetState) -> None:
    """Refuse to go on where a target knows more than the ledger: the ledger is an old copy."""
    for name, standing in standings(run, dataset).items():
        if (standing.release or 0) > (state.released or 0):
            raise OutsideError(
                f"{name} shows release {standing.release}, and the ledger knows of none after {state.released or 0}",
                where=dataset,
                fix="restore the newest ledger and releases; publishing now would take readers back",
            )


def _release(run: Run, entry: Entry, state: DatasetState) -> Prepared:
    if state.withdrawn:
        decision = _decision(
            entry, Verdict.HELD, f"withdrawn: {state.withdrawn}; `opendata rollback {entry.id}` puts it back"
        )
        return _showing(run, tombstone(run, entry, state), decision, state)
    _ahead(run, entry.id, state)
    schema = table_schema(run.workspace, entry)
    inputs = inputs_of(entry, run.agency, run.workspace.schema_file(entry), _source_digests(run, entry, schema))
    if inputs and inputs == state.inputs and release_of(run, state):
        return _settled(run, entry, state, "source, schema and description are those of the last release")
    return _made_from(run, entry, schema, state, inputs)


def _not_selected(run: Run, selection: Selection, state: DatasetState) -> Prepared:
    """Held with its reason; what readers still see of it is withdrawn."""
    entry = selection.entry
    if state.withdrawn:
        return _showing(run, tombstone(run, entry, state), _decision(entry, Verdict.HELD, selection.reason), state)
    if any(standing.form is not Form.TOMBSTONE for standing in standings(run, entry.id).values()):
        return Prepared(_decision(entry, Verdict.WITHDRAW, selection.reason, release=state.live), entry, state)
    return Prepared(_decision(entry, Verdict.HELD, selection.reason), entry, state)


def prepare(run: Run, selection: Selection, state: DatasetState) -> Prepared:
    """Decide on one dataset, doing all that publishing it takes short of writing outside its work folder.

    Raises:
        OpenDataError: its source, schema or a target can't be used; the caller makes that the dataset's verdict.
    """
    entry = selection.entry
    if selection.form == "release":
        return _release(run, entry, state)
    if selection.form == "notice":
        return _showing(run, notice(run, entry), _decision(entry, Verdict.UNCHANGED, selection.reason), state)
    return _not_selected(run, selection, state)
