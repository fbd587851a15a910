"""Publish: carry out what was prepared, dataset by dataset; prove it; write it into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from pipelines.commands.fitness import LostTargets
from pipelines.commands.lanes import Lanes
from pipelines.commands.planning import isolated
from pipelines.commands.prepare import Prepared
from pipelines.commands.publications import notice, release_publication, standings, tombstone
from pipelines.commands.run import Run
from pipelines.commands.showing import Proving, Showing, begin_to_prove, begin_to_show, not_tried
from pipelines.formats.held_rows import list_held_rows
from pipelines.handover import Form, Proof, Publication, Receipt, Release
from pipelines.ledger import PUBLISHED, RELEASED, ROLLED_BACK, WITHDRAWN, Act, DatasetState, after
from pipelines.plan import WORK, Decision, Verdict
from pipelines.stages.package import package
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError, OutsideError

Before = TypeVar("Before")
Result = TypeVar("Result")


def _entry_facts(entry: Entry) -> dict[str, Any]:
    facts: dict[str, Any] = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return facts


def _package(run: Run, prepared: Prepared) -> Release:
    comparison, number = prepared.comparison, prepared.decision.release
    if comparison is None or number is None:
        raise OutsideError("nothing was prepared to be released", where=prepared.entry.id, fix="run again")
    run.progress.step(prepared.entry.id, "package")
    list_held_rows(comparison.checked, run.home.quarantine / prepared.entry.id / f"{number}.csv")
    return package(comparison, run.agency, prepared.references, run.home.releases, number)


def _note_release(run: Run, prepared: Prepared, release: Release) -> Publication:
    """Write the release into the ledger, and say what to show."""
    changes = release.changes
    detail = {
        "inputs": prepared.decision.inputs,
        "rows": release.rows,
        "changes": {"added": changes.added, "removed": changes.removed, "changed": changes.changed},
        "entry": _entry_facts(prepared.entry),
    }
    confirmation = prepared.decision.confirmation
    if confirmation:
        detail["confirmation"] = {"needed": list(confirmation.needed), "by": confirmation.by}
    act = Act(RELEASED, prepared.entry.id, run.at, run.name, release.number, digest=release.digest, detail=detail)
    run.ledger.append(act)
    return release_publication(run, prepared.entry, after(prepared.state, act))


def note_withdrawal(run: Run, entry: Entry, state: DatasetState, reason: str, form: Form) -> Publication:
    """Write the withdrawal into the ledger before any target shows it, and say what to show.

    `form` is what readers find afterwards: a tombstone, or the notice of a dataset that is to be had on request. Where
    a target shows a later release than the ledger knows of, that one is noted, so that its number is not given again.
    """
    detail = {"reason": reason, "form": form.value, "entry": _entry_facts(entry)}
    shown = max((standing.release or 0 for standing in standings(run, entry.id).values()), default=0)
    number = shown if shown > state.numbered else state.live
    act = Act(WITHDRAWN, entry.id, run.at, run.name, number, detail=detail)
    run.ledger.append(act)
    show_instead = notice if form is Form.NOTICE else tombstone
    return show_instead(run, entry, after(state, act))


def note_rollback(run: Run, entry: Entry, state: DatasetState, number: int | None) -> Publication:
    """Write the return of an earlier release, or without a number of the notice, into the ledger; say what to show."""
    act = Act(ROLLED_BACK, entry.id, run.at, run.name, number, detail={"entry": _entry_facts(entry)})
    run.ledger.append(act)
    state = after(state, act)
    return notice(run, entry, state) if number is None else release_publication(run, entry, state)


def note_reopening(run: Run, entry: Entry) -> None:
    """Write into the ledger that a withdrawal is over though no release of it is left to be shown."""
    run.ledger.append(Act(ROLLED_BACK, entry.id, run.at, run.name, None, detail={"entry": _entry_facts(entry)}))


def _publication(run: Run, prepared: Prepared) -> Publication:
    if prepared.decision.verdict is Verdict.WITHDRAW:
        return note_withdrawal(run, prepared.entry, prepared.state, prepared.decision.reason, prepared.instead)
    return prepared.publication or _note_release(run, prepared, prepared.made or _package(run, prepared))


def confirm(run: Run, proving: Proving) -> dict[str, dict[str, Any]]:
    """Note what is proved to be published, and return the facts per target.

    Raises:
        OpenDataError: a target failed, or shows something else than was published; the others are noted all the same.
    """
    facts: dict[str, dict[str, Any]] = {}
    publication, failures = proving.shown.publication, list(proving.shown.failures)
    for receipt in proving.shown.receipts:
        try:
            facts[receipt.target] = _confirm(run, publication, receipt, proving.proof(receipt))
        except OpenDataError as error:
            failures.append(error)
    if len(failures) > 1:
        raise OutsideError(" ".join(map(str, failures)), where=publication.dataset, fix="see each")
    if failures:
        raise failures[0]
    return facts


def _confirm(run: Run, publication: Publication, receipt: Receipt, proof: Proof) -> dict[str, Any]:
    if proof.faults:
        raise OutsideError(
            f"{receipt.target} does not show what was published: {'; '.join(proof.faults)}",
            where=publication.dataset,
            fix=f"run `opendata publish {publication.dataset}` again; if it stays, look at the target itself",
        )
    detail = {
        "form": receipt.form.value,
        "files": proof.files,
        "bytes": proof.bytes,
        "kept": [release.number for release in publication.kept] if receipt.release else [],
        "entry": _entry_facts(publication.entry),
    }
    act = Act(PUBLISHED, receipt.dataset, run.at, run.name, receipt.release, receipt.target, receipt.digest, detail)
    run.ledger.append(act)
    return _facts(receipt, proof)


def _facts(receipt: Receipt, proof: Proof) -> dict[str, Any]:
    return {
        "form": receipt.form.value,
        "release": receipt.release,
        "address": receipt.address,
        **({"notes": list(receipt.notes)} if receipt.notes else {}),
        "proof": {"files": proof.files, "bytes": proof.bytes, "faults": list(proof.faults)},
        **({"metadata": proof.metadata.document} if proof.metadata else {}),
    }


def _done(prepared: Prepared, publication: Publication, facts: dict[str, dict[str, Any]]) -> Decision:
    recalled = prepared.decision.verdict is Verdict.WITHDRAW or publication.form is Form.TOMBSTONE
    verdict = Verdict.WITHDRAWN if recalled else Verdict.PUBLISHED
    digest = publication.release.digest if publication.release else ""
    return replace(prepared.decision, verdict=verdict, digest=digest, targets=facts)


def _begin(run: Run, lost: LostTargets, lanes: Lanes, prepared: Prepared) -> Showing:
    if run.targets and all(target in lost for target in run.targets):
        raise not_tried()
    return begin_to_show(run, _publication(run, prepared), lost, lanes)


def _conclude(run: Run, prepared: Prepared, proving: Proving) -> Decision:
    return _done(prepared, proving.shown.publication, confirm(run, proving))


def refresh(run: Run) -> None:
    """Renew what spans datasets at every target."""
    for target in run.targets:
        target.refresh(run.agency)


def carry_out(run: Run, prepared: Sequence[Prepared], lost: LostTargets) -> list[Decision]:
    """Do the work of a plan: every dataset by itself, then what spans them, then the proofs.

    Args:
        run: The opened workspace.
        prepared: What was decided, with all in hand.
        lost: Takes the targets that become unfit meanwhile.

    Returns:
        Every dataset's decision with what became of it.
    """
    work = [one for one in prepared if one.decision.verdict in WORK]
    done = [one.decision for one in prepared if one.decision.verdict not in WORK]
    run.progress.start(len(work))
    if work:
        refresh(run)  # the first dataset's page leads to a front page
    with Lanes(run.targets if len(work) > 1 else ()) as lanes:
        begun = [(one, isolated(one.entry, partial(_begin, run, lost, lanes, one))) for one in work]
        shown = [(one, _then(one, outcome, Showing.shown)) for one, outcome in begun]
        # Also where there is no work: a run that was killed may have left the lists behind what the targets hold.
        refresh(run)
        proving = [(one, _then(one, outcome, partial(begin_to_prove, run, lanes=lanes))) for one, outcome in shown]
        for one, outcome in proving:
            decision = _then(one, outcome, partial(_conclude, run, one))
            run.progress.done(decision.dataset, decision.verdict.value)
            done.append(decision)
    return done


def _then(prepared: Prepared, outcome: Before | Decision, work: Callable[[Before], Result]) -> Result | Decision:
    """A dataset's next step, unless it failed before."""
    return outcome if isinstance(outcome, Decision) else isolated(prepared.entry, partial(work, outcome))
