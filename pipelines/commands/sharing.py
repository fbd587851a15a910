"""Share: have the tables that other bureaus read show what was prepared, once the portals show their releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.commands.planning import isolated
from pipelines.commands.prepare import Prepared
from pipelines.commands.publications import stored
from pipelines.commands.run import Run
from pipelines.commands.share_catching_up import earlier_sources, source_of
from pipelines.commands.share_preparing import (
    NOT_FOR_BUREAUS,
    PreparedShare,
    compared_for_bureaus,
    note_inputs,
    prepare_shares,
    share_folder,
)
from pipelines.commands.sharing_state import read_sharing, tell_server
from pipelines.commands.tables import check_entry
from pipelines.handover import Blocked, Comparison, Release
from pipelines.plan import TROUBLE, Decision, Verdict
from pipelines.releases import latest_release, numbers
from pipelines.stages.package import package, same_as_before
from pipelines.targets.sharing.rows import ShareSource
from pipelines.targets.sharing.target import NAME
from resource_catalog.errors import OutsideError
from resource_catalog.workspace import table_schema

_QUIET = frozenset({Verdict.UNCHANGED, Verdict.HELD})


def recover(run: Run) -> Run:
    """Have the records of shared tables follow what a run that was killed committed.

    Returns:
        The run; without sharing, which is unfit then, where the tables' place can't be used.

    Raises:
        OutsideError: a table is broken.
    """
    if run.sharing is None:
        return run
    try:
        run.sharing.check()
    except OutsideError as error:
        return replace(run, sharing=None, unfit=(*run.unfit, f"{NAME}: {error}"))
    run.sharing.recover()
    return run


def with_shares(decisions: Sequence[Decision], shares: Sequence[PreparedShare]) -> list[Decision]:
    """The plan with what is to be shared: a dataset that is behind at the bureaus alone is work, too."""
    by_dataset = {one.entry.id: one for one in shares}
    return [_planned(one, by_dataset[one.dataset]) if one.dataset in by_dataset else one for one in decisions]


def _planned(decision: Decision, share: PreparedShare) -> Decision:
    if share.trouble and decision.verdict not in TROUBLE:
        return replace(share.trouble, targets=decision.targets, release=decision.release)
    if not share.behind or decision.verdict not in _QUIET:
        return decision
    what = f"to be shown on {NAME}" if share.policies else f"to be shared no more on {NAME}"
    verdict = Verdict.UPDATE if NAME in decision.targets or not share.policies else Verdict.NEW
    return replace(decision, verdict=verdict, reason=f"{decision.reason}; {what}")


def _own_release(run: Run, share: PreparedShare, prepared: Prepared) -> Release:
    """The release for bureaus, made where it is not."""
    if share.release:
        return share.release
    previous = latest_release(run.home.shared, share.entry.id)
    comparison = share.comparison or _compared_now(run, share, prepared, previous)
    if previous and same_as_before(comparison, run.agency, ()):
        return previous
    number = max(numbers(run.home.shared, share.entry.id), default=0) + 1
    return package(comparison, run.agency, (), run.home.shared, number, NOT_FOR_BUREAUS)


def _compared_now(run: Run, share: PreparedShare, prepared: Prepared, previous: Release | None) -> Comparison:
    """The comparison of a table that the public release of this run was made of."""
    if prepared.comparison:
        return compared_for_bureaus(run, prepared.comparison.checked, previous)
    checked, _references = check_entry(run, share.entry, table_schema(run.workspace, share.entry))
    if isinstance(checked, Blocked):
        raise OutsideError("its source changed while it was published", where=share.entry.id, fix="run again")
    return compared_for_bureaus(run, checked, previous)


def _source(run: Run, share: PreparedShare, prepared: Prepared) -> ShareSource | None:
    """The release that bureaus are to read; None where there is none to be had now."""
    if share.public:
        state = run.states().get(share.entry.id)
        release = stored(run, share.entry.id, state.live) if state else None
        store = "releases"
    else:
        release, store = _own_release(run, share, prepared), "shared"
        note_inputs(run, share.entry.id, share.inputs)
    return source_of(release, store) if release else None


def _share(run: Run, share: PreparedShare, prepared: Prepared) -> Mapping[str, object] | None:
    sharing = run.sharing
    if sharing is None:
        return None
    if not share.policies:
        state = run.states().get(share.entry.id)
        if state and (state.unshared or state.withdrawn):
            sharing.withdraw(share.entry.id, run.at)
        else:
            sharing.retire(sharing.tables(share.entry.id), run.at)
        return None
    run.progress.step(share.entry.id, "share")
    source = _source(run, share, prepared)
    if source is not None:
        work = share_folder(run, share.entry.id) / "work.duckdb"
        earlier = earlier_sources(run, source, sharing.tables(share.entry.id))
        sharing.share(share.entry, share.policies, source, run.at, work, earlier)
    return sharing.facts(share.entry.id)


def carry_out_shares(
    run: Run, shares: Sequence[PreparedShare], prepared: Sequence[Prepared], decisions: Sequence[Decision]
) -> list[Decision]:
    """Do what was prepared, dataset by dataset; a failure is that dataset's, and bureaus keep what they had.

    Args:
        run: The opened workspace.
        shares: What is to be shared.
        prepared: What the portals were to show, with what is in hand.
        decisions: What became of that.

    Returns:
        The decisions with what became of the shares.
    """
    if run.sharing is None:
        return list(decisions)
    by_dataset, of_portals = {one.entry.id: one for one in shares}, {one.entry.id: one for one in prepared}
    done = []
    for decision in decisions:
        share = by_dataset.get(decision.dataset)
        done.append(_carried_out(run, share, of_portals[share.entry.id], decision) if share else decision)
    run.sharing.sweep(run.at)
    return done


def follow_recall(run: Run, decision: Decision) -> Decision:
    """After a dataset was withdrawn or put back: have its tables follow at once.

    Raises:
        OpenDataError: they can't; a rerun, or the next publish, goes on from there.
    """
    state = run.states().get(decision.dataset)
    if run.sharing is None or state is None:
        return decision
    had = run.sharing.tables(decision.dataset)
    if state.unshared and had:
        run.sharing.retire(had, run.at)
        # It refuses before the files go: nobody meets one that is missing, and a bucket that is away delays nothing.
        tell_server(read_sharing(run))
    run.sharing.check()
    run.sharing.recover()
    if state.unshared:
        run.sharing.withdraw(decision.dataset, run.at)
        left = run.sharing.left_of(decision.dataset)
        if left:
            raise OutsideError("tables of it are still there", where=", ".join(left), fix="run it again")
        gone = {"form": "tombstone", "release": None, "tables": len(had)}
        return replace(decision, targets={**decision.targets, NAME: gone}) if had else decision
    entry = run.catalog.by_id.get(decision.dataset)
    if entry is None:
        return decision
    prepared = [Prepared(decision, entry, state)]
    (done,) = carry_out_shares(run, prepare_shares(run, prepared), prepared, [decision])
    return done


def _carried_out(run: Run, share: PreparedShare, prepared: Prepared, decision: Decision) -> Decision:
    if share.trouble:
        return _planned(decision, share)
    if not share.behind:
        return decision
    outcome = isolated(share.entry, lambda: (_share(run, share, prepared),))
    if isinstance(outcome, Decision):
        if decision.verdict in TROUBLE:
            return replace(decision, reason=f"{decision.reason}; not shared: {outcome.reason}")
        return replace(decision, verdict=Verdict.FAILED, reason=f"not shared: {outcome.reason}")
    targets = {name: facts for name, facts in decision.targets.items() if name != NAME}
    facts = outcome[0]
    if facts:
        targets[NAME] = dict(facts)
    if decision.verdict not in _QUIET:
        return replace(decision, targets=targets)
    what = f"shown on {NAME}" if share.policies else f"shared no more on {NAME}"
    return replace(decision, verdict=Verdict.PUBLISHED, reason=f"{decision.reason}; {what}", targets=targets)
