"""Kills a publisher of shared tables at its n-th call that changes their bucket."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from pipelines.targets.sharing import bucket, delta_actions, layout, log_shortening
from pipelines.targets.sharing.rows import ShareSource
from resource_catalog.sharing_policy import Policy
from tests.shared_tables import ShareFactory

#: The library of object stores has threads, which a fork of this process would lack: children come of a process that
#: never used it.
_CLEAN = multiprocessing.get_context("forkserver")
_CLEAN.set_forkserver_preload([__name__])


def act(factory: ShareFactory, source: ShareSource, policy: Policy | None) -> None:
    """Share a release under a policy; without one withdraw the dataset."""
    if policy is None:
        factory.sharing.withdraw("permits", factory.at(3))
    else:
        factory.share(source, policy)


def set_layout(cheap: int, every: int) -> None:
    """Up to how many bytes are rewritten rather than marked, and how often there is a checkpoint."""
    layout.CHEAP = cheap
    delta_actions.EVERY = log_shortening.EVERY = every


def killed_at(step: int, *work: Any) -> bool:
    """`act` in a process that is killed before its n-th such call; whether it got that far."""
    layout_now = layout.CHEAP, log_shortening.EVERY
    child = _CLEAN.Process(target=_run, args=(step, layout_now, *work))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode != 0


def _run(step: int, layout_now: tuple[int, int], *work: Any) -> None:
    set_layout(*layout_now)
    left = step

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return counting

    for name in ("put", "delete"):
        setattr(bucket.obstore, name, counted(getattr(bucket.obstore, name)))
    act(*work)
