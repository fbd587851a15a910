"""Lets a publisher's first, second, third … call to a portal fail, in every way that calls fail, until none is left."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.fault_proxy import FaultProxy, Sent
from tests.proxy_faults import Cut, DropAnswer, Fault, HangUp, Interrupt, Say

#: A way to fail: makes the fault, given what kills the publisher.
Mode = Callable[[Callable[[], None]], Fault]

#: "status": the portal was not asked; "late status": it did all, and something between says 502.
MODES: Mapping[str, Mode] = {
    "hang up": lambda kill: HangUp(),
    "status": lambda kill: Say(500),
    "cut": lambda kill: Cut(),
    "late status": lambda kill: Say(502, after=True),
    "lost answer": lambda kill: DropAnswer(),
    "killed before": lambda kill: HangUp(first=kill),
    "killed after": lambda kill: Interrupt(after=kill),
}
_SECONDS = 600


@dataclass(frozen=True)
class Disturbed:
    """A run whose call `number` failed: which call that was, and how the run ended."""

    number: int
    call: Sent
    code: int
    out: str
    err: str


class UnsteadyCallsError(AssertionError):
    """A publisher's runs do not make the same calls, so that the n-th of one run is not the n-th of another."""


class _Publisher:
    """The process that is to be killed, which may not be there yet when its first call arrives."""

    def __init__(self, start: Callable[[], subprocess.Popen[str]]) -> None:
        self._started = threading.Event()
        self._start = start

    def run(self) -> tuple[int, str, str]:
        self._process = self._start()
        self._started.set()
        try:
            out, err = self._process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        return self._process.returncode, out, err

    def kill(self) -> None:
        """End it at once, and wait until it is no more."""
        self._started.wait()
        self._process.kill()
        self._process.wait()


def fail_each_call(
    proxy: FaultProxy,
    start: Callable[[], subprocess.Popen[str]],
    mode: Mode,
    *,
    prepare: Callable[[int], None] = lambda number: None,
    times: int | None = 1,
    where: Callable[[Sent], bool] = lambda sent: True,
) -> Iterator[Disturbed]:
    """Run the publisher with its n-th call failing, for n = 1, 2, … until a run has no n-th call any more.

    Args:
        proxy: What stands before the portal; it is calm again when a run is handed over.
        start: Starts the publisher, with pipes for what it says.
        mode: How the call fails (`MODES`).
        prepare: Called before the n-th run; gives it something to publish.
        times: How many calls fail from the n-th on; None: all.
        where: The calls that are counted, say those that write.

    Raises:
        UnsteadyCallsError: the calls that failed are not those of the last run, in which none did: one was left out.
            Whatever a first run alone does is to be done before.
    """
    number = 0
    failed: list[str] = []
    while True:
        number += 1
        prepare(number)
        publisher = _Publisher(start)
        before = len(proxy.sent)
        rule = proxy.on(mode(publisher.kill), nth=number, times=times, where=where)
        code, out, err = publisher.run()
        proxy.calm()
        if not rule.fired:
            _assert_steady(failed, [sent.place for sent in proxy.sent[before:] if where(sent)])
            return
        call = next(sent for sent in proxy.sent[before:] if sent.fault)
        failed.append(call.place)
        yield Disturbed(number, call, code, out, err)


def _assert_steady(failed: list[str], last: list[str]) -> None:
    if failed != last:
        raise UnsteadyCallsError(f"these calls failed, one a run: {failed}; the last run made these: {last}")
