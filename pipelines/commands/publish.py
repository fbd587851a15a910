"""The whole of `plan` and `publish`: decide, tell, carry out, and leave a report where there is something to say."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.commands.confirming import dataset_of
from pipelines.commands.fitness import LostTargets
from pipelines.commands.planning import prepare_all
from pipelines.commands.publishing import carry_out
from pipelines.commands.recall import known_state
from pipelines.commands.run import Run
from pipelines.commands.share_preparing import prepare_shares
from pipelines.commands.sharing import carry_out_shares, follow_recall, recover, with_shares
from pipelines.commands.sharing_contracts import settle, with_policies
from pipelines.home import locked
from pipelines.plan import TROUBLE, WORK, Decision, SavedPlan, Verdict, load_plan, moved_since, save_plan, worst_first
from pipelines.reporting.run_report import render_report, write_report
from resource_catalog.errors import NotPermittedError

_QUIET = frozenset({Verdict.UNCHANGED, Verdict.HELD})


@dataclass(frozen=True)
class Outcome:
    """What a run decided or did, worst first; `report` is its page, None where all is as it was.

    `lost` has a message for each target that became unfit while the run went on.
    """

    decisions: tuple[Decision, ...]
    report: Path | None = None
    lost: tuple[str, ...] = ()

    @property
    def trouble(self) -> bool:
        """Whether some dataset is blocked or failed."""
        return any(decision.verdict in TROUBLE for decision in self.decisions)


def plan(run: Run, wanted: Sequence[str], save: Path | None) -> Outcome:
    """Decide on every dataset that is meant; writes nothing but `save`.

    Raises:
        UsageError: an id that the catalogue lacks.
    """
    run.selections([dataset_of(token) for token in run.confirmations])
    run = with_policies(run)
    prepared, others = prepare_all(run, wanted)
    shares = prepare_shares(run, prepared)
    decisions = worst_first(with_shares([*(one.decision for one in prepared), *others], shares))
    if save:
        save_plan(save, run.name, decisions)
    return Outcome(tuple(decisions))


def _bind(run: Run, plan_file: Path | None, saved: SavedPlan | None, decisions: Sequence[Decision]) -> None:
    """Hold what would be done against the plan that was approved.

    Raises:
        NotPermittedError: the plan no longer fits, or the agency demands one.
    """
    work = any(decision.verdict in WORK for decision in decisions)
    if saved is None:
        if run.agency.approval == "required" and work:
            raise NotPermittedError(
                "this agency publishes approved plans only (approval: required in agency.yaml)",
                fix="save a plan with `opendata plan --save FILE`, have it approved, publish with --plan FILE",
            )
        return
    moved = moved_since(saved.datasets, decisions)
    if moved:
        raise NotPermittedError(
            f"source, rules or target moved since the plan was made: {'; '.join(moved)}",
            where=str(plan_file),
            fix="make a new plan and have it approved",
        )


def publish(
    run: Run, wanted: Sequence[str], plan_file: Path | None, tell: Callable[[Sequence[Decision]], None]
) -> Outcome:
    """Plan, tell the plan, then do exactly that.

    Args:
        run: The opened workspace.
        wanted: Ids of datasets; all where empty.
        plan_file: A saved plan that this run must equal.
        tell: Called with the plan before anything is done.

    Raises:
        UsageError: an id that the catalogue lacks.
        LockedError: another run is at work.
        NotPermittedError: a plan is demanded and missing, or no longer fits.
    """
    run.selections(wanted)  # before the lock makes the home
    run.selections([dataset_of(token) for token in run.confirmations])
    saved = load_plan(plan_file) if plan_file else None
    if saved:
        run = replace(run, confirmations={**saved.confirmations, **run.confirmations})
    with locked(run.home):
        shutil.rmtree(run.work, ignore_errors=True)  # of a run that was killed
        fit = run.unfit
        try:
            run = with_policies(recover(run))
            prepared, others = prepare_all(run, wanted)
            shares = prepare_shares(run, prepared)
            planned = worst_first(with_shares([*(one.decision for one in prepared), *others], shares))
            tell(planned)
            _bind(run, plan_file, saved, planned)
            lost = LostTargets()
            done = [*carry_out(run, prepared, lost), *others]
            decisions = tuple(worst_first(carry_out_shares(run, shares, prepared, done)))
        finally:
            shutil.rmtree(run.work, ignore_errors=True)
        report = _report(replace(run, unfit=(*run.unfit, *lost.messages)), "publish", decisions)
        settle(run, decisions)
        return Outcome(decisions, report, (*run.unfit[len(fit) :], *lost.messages))


def _report(run: Run, command: str, decisions: Sequence[Decision]) -> Path | None:
    """The run's page; a run that did nothing and found nothing wrong leaves the home as it was."""
    if all(decision.verdict in _QUIET for decision in decisions) and not run.unfit:
        return None
    html = render_report(
        agency=run.agency,
        run=run.name,
        at=run.at,
        command=command,
        decisions=decisions,
        unfit=run.unfit,
        notes=run.notes,
    )
    return write_report(run.home.reports, run.name, html)


def recall(run: Run, dataset: str, act: Callable[[], Decision], command: str) -> Outcome:
    """Withdraw or put back one dataset, under the home's lock, with a report.

    Raises:
        UsageError: nothing of the dataset was ever published.
        LockedError: another run is at work.
        OpenDataError: the act could not be done; run it again.
    """
    known_state(run, dataset)  # before the lock makes the home
    with locked(run.home):
        run.ledger.renew()
        run = with_policies(run)
        try:
            decisions = (follow_recall(run, act()),)
            settle(run, ())
        finally:
            shutil.rmtree(run.work, ignore_errors=True)
        return Outcome(decisions, _report(run, command, decisions))
