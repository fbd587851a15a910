"""Which targets can be published to: each is asked once a run, and one that can't is one message and stops no other."""

from __future__ import annotations

from dataclasses import replace

from pipelines.commands.run import Run
from resource_catalog.errors import OpenDataError, OutsideError


def with_fit_targets(run: Run) -> Run:
    """The run with the targets that are fit, and with what is wrong with the others.

    Raises:
        OpenDataError: none of them is fit.
    """
    fit, unfit, notes = [], [], []
    for target in run.targets:
        try:
            notes += [f"{target.name}: {note}" for note in target.preflight().notes]
            fit.append(target)
        except OpenDataError as error:
            unfit.append((target.name, error))
    if unfit and not fit:
        if len(unfit) == 1:
            raise unfit[0][1]
        raise OutsideError("; ".join(f"{name}: {error}" for name, error in unfit), fix="see each")
    messages = tuple(f"{name}: {error}" for name, error in unfit)
    return replace(run, targets=tuple(fit), unfit=messages, notes=tuple(notes))
