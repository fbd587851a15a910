"""Which targets can be published to: each is asked once a run, and again when it fails; one message each."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.commands.run import Run
from pipelines.targets.target import Target
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


@dataclass
class LostTargets:
    """The targets that became unfit while the run went on: each is left alone from then on.

    A token is revoked, a right taken away or a portal ended for all datasets at once: that is one message, and not one
    for each dataset that is left.
    """

    causes: dict[str, OpenDataError] = field(default_factory=dict)
    _asking: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def ask_again(self, target: Target[Any], error: OpenDataError) -> None:
        """Find out whether what failed with this error is the target rather than one dataset's matter."""
        if not (isinstance(error, OutsideError) and error.may_fail_all):
            return
        with self._asking:  # one dataset asks for all that failed at the same time
            if target in self:
                return
            try:
                target.preflight()
            except OpenDataError as cause:
                self.causes[target.name] = cause

    def __contains__(self, target: Target[Any]) -> bool:
        return target.name in self.causes

    @property
    def messages(self) -> tuple[str, ...]:
        """One for each."""
        return tuple(f"{name}: lost in the middle of the run: {error}" for name, error in self.causes.items())
