"""Show and prove one publication at every target; a target that is waited for does both beside the run."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipelines.commands.fitness import LostTargets
from pipelines.commands.lanes import Lanes
from pipelines.commands.run import Run
from pipelines.handover import Proof, Publication, Receipt
from pipelines.stages.prove import prove
from pipelines.stages.publish import publish
from pipelines.targets.target import Target
from resource_catalog.errors import OpenDataError, OutsideError


@dataclass(frozen=True)
class Shown:
    """What readers see of a publication now, by the targets' receipts, and where it failed."""

    publication: Publication
    receipts: tuple[Receipt, ...]
    failures: tuple[OpenDataError, ...]


@dataclass(frozen=True)
class Showing:
    """A publication on its way to the targets; of each a receipt, or None where the target was lost before."""

    publication: Publication
    coming: tuple[Future[Receipt | None], ...]

    def shown(self) -> Shown:
        """What came of it, waited for.

        Raises:
            OutsideError: all targets were lost before it was their turn.
        """
        receipts, failures = [], []
        for one in self.coming:
            try:
                receipts.append(one.result())
            except OpenDataError as error:
                failures.append(error)
        found = tuple(receipt for receipt in receipts if receipt)
        if receipts and not found and not failures:
            raise not_tried()
        return Shown(self.publication, found, tuple(failures))


def not_tried() -> OutsideError:
    """What is said of a dataset that no target is left for."""
    return OutsideError("not tried, for no target can be published to any more", fix="see the run's last words")


def begin_to_show(run: Run, publication: Publication, lost: LostTargets, lanes: Lanes) -> Showing:
    """Publish to every target but the lost; one that shows the publication already, whole, writes nothing.

    One that fails is told with the proofs, for what the others show is to be proved first.
    """
    begun = {
        target.name: lanes.begin(target, partial(_publish_at, run, publication, lost, target))
        for target in sorted(run.targets, key=lanes.has, reverse=True)  # those that are waited for begin first
    }
    return Showing(publication, tuple(begun[target.name] for target in run.targets))


def _publish_at(run: Run, publication: Publication, lost: LostTargets, target: Target[Any]) -> Receipt | None:
    if target in lost:
        return None
    run.progress.step(publication.dataset, "publish")
    try:
        return publish(target, publication)
    except OpenDataError as error:
        lost.ask_again(target, error)
        raise


def show(run: Run, publication: Publication) -> Shown:
    """Publish one dataset to every target."""
    return begin_to_show(run, publication, LostTargets(), Lanes()).shown()


@dataclass(frozen=True)
class Proving:
    """Proofs on their way, by target; of a target that is not waited for, the proof is made when it is asked for."""

    run: Run
    shown: Shown
    coming: Mapping[str, Future[Proof]]

    def proof(self, receipt: Receipt) -> Proof:
        """What a target shows, read as anybody does.

        Raises:
            OpenDataError: it can't be read.
        """
        if receipt.target in self.coming:
            return self.coming[receipt.target].result()
        return _prove_at(self.run, self.shown.publication, _target(self.run, receipt))


def begin_to_prove(run: Run, shown: Shown, lanes: Lanes) -> Proving:
    """Have what was published read where that is waited for."""
    targets = [_target(run, receipt) for receipt in shown.receipts]
    coming = {
        target.name: lanes.begin(target, partial(_prove_at, run, shown.publication, target))
        for target in targets
        if lanes.has(target)
    }
    return Proving(run, shown, coming)


def _target(run: Run, receipt: Receipt) -> Target[Any]:
    return next(target for target in run.targets if target.name == receipt.target)


def _prove_at(run: Run, publication: Publication, target: Target[Any]) -> Proof:
    run.progress.step(publication.dataset, "prove")
    return prove(target, publication)
