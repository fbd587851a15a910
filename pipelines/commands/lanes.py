"""Lanes: a target that is waited for has a few datasets under way beside the run; the others are served at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from pipelines.targets.target import Target
from resource_catalog.errors import OpenDataError

Result = TypeVar("Result")


class Lanes:
    """As many datasets at a time as each target takes; use it as a context manager, which ends when all is done.

    Where the block is left by an error, nothing further is begun, and what is under way is abandoned.

    Args:
        targets: Those that may have lanes; of none, everything is done at once, in its order.
    """

    def __init__(self, targets: Sequence[Target[Any]] = ()) -> None:
        self._targets = [target for target in targets if target.abreast > 1]
        self._pools = {target.name: ThreadPoolExecutor(target.abreast) for target in self._targets}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            for target in self._targets:
                target.abandon()
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=error is not None)

    def has(self, target: Target[Any]) -> bool:
        """Whether the target's work goes beside the run."""
        return target.name in self._pools

    def begin(self, target: Target[Any], work: Callable[[], Result]) -> Future[Result]:
        """Have work at a target done: beside the run, or before this returns; its error comes with its result."""
        if target.name in self._pools:
            return self._pools[target.name].submit(work)
        done: Future[Result] = Future()
        try:
            done.set_result(work())
        except OpenDataError as error:
            done.set_exception(error)
        return done
