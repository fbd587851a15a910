"""Prepare: bring one dataset as far as it goes without writing anywhere but its work folder, and decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipelines.commands.confirming import confirmed_or_blocked, leaps
from pipelines.commands.publications import (
    closed_columns,
    notice,
    published_quality,
    published_schema,
    release_publication,
    shown_facts,
    standings,
    stored,
    to_write,
    tombstone,
)
from pipelines.commands.run import Run
from pipelines.commands.tables import check_entry, public_keys, source_digests
from pipelines.commands.unannounced import adoptable, next_number, refuse_old_ledger
from pipelines.fingerprint import inputs_of
from pipelines.handover import Blocked, Checked, Comparison, Form, Publication, ReferredKeys, Release
from pipelines.ledger import DatasetState
from pipelines.plan import Decision, Verdict
from pipelines.stages.compare import compare
from pipelines.stages.package import same_as_before
from quality.finding import Quality, one_of_each_first
from resource_catalog.deadlines import refuse_unknown_deadline
from resource_catalog.entry import Entry
from resource_catalog.selection import Selection
from resource_catalog.table_schema import TableSchema
from resource_catalog.vocabulary import Openness
from resource_catalog.workspace import table_schema


@dataclass(frozen=True)
class Prepared:
    """A decision, and what is in hand to carry it out.

    That is a compared table to package, or a release that is made already and stands in no ledger, or a publication to
    show as it is.
    """

    decision: Decision
    entry: Entry
    state: DatasetState
    comparison: Comparison | None = None
    references: Sequence[ReferredKeys] = field(default=())
    made: Release | None = None
    publication: Publication | None = None
    instead: Form = Form.TOMBSTONE  # what readers find where the decision is to withdraw
    unannounced: bool = False  # it breaks what a bureau relies on, and no announced day has come


def _decision(
    run: Run,
    entry: Entry,
    verdict: Verdict,
    reason: str,
    *,
    release: int | None = None,
    digest: str = "",
    quality: Quality | None = None,
) -> Decision:
    return Decision(
        dataset=entry.id,
        title=entry.title,
        owner=entry.owner,
        verdict=verdict,
        reason=reason,
        release=release,
        digest=digest,
        quality=quality,
        targets=shown_facts(run, entry.id),
    )


def _settled(run: Run, entry: Entry, state: DatasetState, reason: str) -> Prepared:
    """A dataset whose release is made already."""
    publication = release_publication(run, entry, state)
    release = publication.release
    if release is not None and release.number != state.released:
        reason = f"release {release.number} was put back; a changed source makes the next one"
    decision = _decision(
        run,
        entry,
        Verdict.UNCHANGED,
        reason,
        release=release.number if release else None,
        digest=release.digest if release else "",
        quality=published_quality(release) if release else None,
    )
    return Prepared(decision, entry, state, publication=publication)


def _still_open(run: Run, entry: Entry, state: DatasetState) -> str:
    """What readers still see although the schema has closed it, while a dataset is blocked; "" for nothing."""
    release = stored(run, entry.id, state.live)
    closed = closed_columns(run, entry, release) if release else []
    if not closed:
        return ""
    return (
        f"; release {state.live} still shows {', '.join(closed)}, which the schema has closed → "
        f"mend the source and publish, or run `opendata withdraw {entry.id} --reason …` now"
    )


def _blocked(run: Run, entry: Entry, blocked: Blocked, state: DatasetState) -> Prepared:
    first = one_of_each_first(blocked.quality.findings)[0]
    count = blocked.quality.must
    more = f", and {count - 1} more" if count > 1 else ""
    reason = f"{first.place}: {first.message}{more} → {first.fix}{_still_open(run, entry, state)}"
    decision = _decision(run, entry, Verdict.BLOCKED, reason, release=state.live, quality=blocked.quality)
    return Prepared(decision, entry, state)


def _made_from(run: Run, entry: Entry, schema: TableSchema, state: DatasetState, inputs: str) -> Prepared:
    """A dataset whose source, schema or description moved since its last release."""
    checked, references = check_entry(run, entry, schema)
    if isinstance(checked, Blocked):
        return _blocked(run, entry, checked, state)
    run.progress.step(entry.id, "compare")
    keys = public_keys(run, references)
    previous = stored(run, entry.id, state.released)
    made = adoptable(run, entry.id, state, previous)
    again = _compared(run, checked, made, keys) if made else None
    if made and again and same_as_before(again, run.agency, keys):
        reason = f"it was made by a run that was cut short{_held_against(references)}"
        decision = _new_release(run, checked, made.number, reason, inputs, state)
        decision = _confirmed(run, again, previous, replace(decision, changes=made.changes), state)
        return Prepared(decision, entry, state, made=made)
    comparison = _compared(run, checked, previous, keys)
    if previous and state.live and same_as_before(comparison, run.agency, keys):
        reason = f"the data is that of release {previous.number}{_held_against(references)}"
        return _settled(run, entry, state, reason)
    number = next_number(run, entry.id, state)
    decision = _new_release(run, checked, number, _why(comparison, state) + _held_against(references), inputs, state)
    decision = replace(decision, changes=comparison.changes, schema_changes=comparison.schema_changes)
    return Prepared(_confirmed(run, comparison, previous, decision, state), entry, state, comparison, keys)


def _confirmed(
    run: Run, comparison: Comparison, previous: Release | None, decision: Decision, state: DatasetState
) -> Decision:
    """The decision to make a release; blocked where it leaps away from the one before and nobody confirmed that."""
    if previous is None:
        return decision
    checked = comparison.checked
    thresholds = checked.entry.quality.over(run.agency.thresholds)
    before = published_schema(previous)
    needed = leaps(comparison.schema, checked.quality.rows, checked.schema, previous, before, thresholds)
    decided = confirmed_or_blocked(decision, needed, run.confirmations, state.live)
    if decided.verdict is not Verdict.BLOCKED:
        return decided
    return replace(decided, reason=decided.reason + _still_open(run, checked.entry, state))


def _held_against(references: Sequence[ReferredKeys]) -> str:
    return "".join(
        f"; its foreign keys were held against release {keys.release} of {keys.resource}, whose source can't be read"
        for keys in references
        if keys.release is not None
    )


def _compared(run: Run, checked: Checked, previous: Release | None, keys: Sequence[ReferredKeys]) -> Comparison:
    before = published_schema(previous) if previous else None
    referable = {each.resource for each in keys}
    return compare(checked, previous, before, referable, run.workspace.schema_file(checked.entry))


def _new_release(run: Run, checked: Checked, number: int, reason: str, inputs: str, state: DatasetState) -> Decision:
    verdict = Verdict.UPDATE if state.live else Verdict.NEW
    decision = _decision(run, checked.entry, verdict, reason, release=number, quality=checked.quality)
    return replace(decision, inputs=inputs)


def _why(comparison: Comparison, state: DatasetState) -> str:
    if comparison.previous is None:
        return "never published before"
    if comparison.schema_changes:
        return "; ".join(comparison.schema_changes)
    if comparison.changes.any:
        return "the data changed"
    if state.live is None:
        return "it is open to everyone again"
    return "its description changed"


def _withdrawn(run: Run, entry: Entry, state: DatasetState) -> Prepared:
    """A dataset that was taken back stays so until someone puts it back."""
    reason = f"withdrawn: {state.withdrawn}; `opendata rollback {entry.id}` puts it back"
    return Prepared(_decision(run, entry, Verdict.HELD, reason), entry, state, publication=tombstone(run, entry, state))


def _release(run: Run, entry: Entry, state: DatasetState) -> Prepared:
    schema = table_schema(run.workspace, entry)
    inputs = inputs_of(entry, run.agency, run.workspace.schema_file(entry), source_digests(run, entry, schema))
    if inputs and inputs == state.inputs and stored(run, entry.id, state.live):
        return _settled(run, entry, state, "source, schema and description are those of the last release")
    return _made_from(run, entry, schema, state, inputs)


def _notice(run: Run, selection: Selection, state: DatasetState) -> Prepared:
    """An on-request dataset; data of a time when it was open is taken back first."""
    entry = selection.entry
    shows_data = any(standing.form is Form.RELEASE for standing in standings(run, entry.id).values())
    if state.live is not None or shows_data:
        decision = _decision(run, entry, Verdict.WITHDRAW, selection.reason, release=state.live)
        return Prepared(decision, entry, state, instead=Form.NOTICE)
    decision = _decision(run, entry, Verdict.UNCHANGED, selection.reason)
    return Prepared(decision, entry, state, publication=notice(run, entry, state))


def _not_selected(run: Run, selection: Selection, state: DatasetState) -> Prepared:
    """Held with its reason; what readers still see of it is withdrawn, unless only its source is not named any more."""
    entry = selection.entry
    if state.withdrawn:
        decision = _decision(run, entry, Verdict.HELD, selection.reason)
        return Prepared(decision, entry, state, publication=tombstone(run, entry, state))
    shown = any(standing.form is not Form.TOMBSTONE for standing in standings(run, entry.id).values())
    if not shown:
        return Prepared(_decision(run, entry, Verdict.HELD, selection.reason), entry, state)
    if entry.openness.code is Openness.OPEN and entry.source is None:
        reason = (
            f"release {state.live} is published, and the entry names no source any more → name one, "
            f"or run `opendata withdraw {entry.id} --reason …`"
        )
        return Prepared(_decision(run, entry, Verdict.BLOCKED, reason, release=state.live), entry, state)
    return Prepared(_decision(run, entry, Verdict.WITHDRAW, selection.reason, release=state.live), entry, state)


def _decided(run: Run, selection: Selection, state: DatasetState) -> Prepared:
    if selection.form is None:
        return _not_selected(run, selection, state)
    if state.withdrawn:
        return _withdrawn(run, selection.entry, state)
    refuse_old_ledger(run, selection.entry.id, state)
    refuse_unknown_deadline(selection.entry, run.agency)
    if selection.form == "notice":
        return _notice(run, selection, state)
    return _release(run, selection.entry, state)


def prepare(run: Run, selection: Selection, state: DatasetState, *, reread: bool) -> Prepared:
    """Decide on one dataset, doing all that publishing it takes short of writing outside its work folder.

    Args:
        run: The opened workspace.
        selection: What the catalogue says of the dataset.
        state: What the ledger says of it.
        reread: Whether to read every published byte of it, rather than take the targets' word for what they show.

    Raises:
        OpenDataError: its source, schema or a target can't be used; the caller makes that the dataset's verdict.
    """
    prepared = _decided(run, selection, state)
    decision, publication = prepared.decision, prepared.publication
    behind = to_write(run, publication, state, reread=reread) if publication else []
    if not behind:
        return prepared
    verdict = Verdict.UPDATE if standings(run, decision.dataset) else Verdict.NEW
    reason = f"{decision.reason}; to be shown on {', '.join(behind)}"
    return replace(prepared, decision=replace(decision, verdict=verdict, reason=reason))
