"""Lets a publisher's first, second, third … call to a portal fail, in every way that calls fail, until none is left."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

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
#: Within so many seconds a run must have ended, whatever failed.
_SECONDS = 300


class Publisher(Protocol):
    """A publisher's process, as `subprocess.Popen` is one."""

    returncode: int

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end; what it said."""

    def wait(self) -> int:
        """Wait until it is no more."""

    def kill(self) -> None:
        """End it at once."""

    def send_signal(self, number: int, /) -> None:
        """Signal it."""


@dataclass(frozen=True)
class Disturbed:
    """A run whose call `number` failed: which call that was, all that it sent, and how it ended."""

    number: int
    call: Sent
    code: int
    out: str
    err: str
    sent: tuple[Sent, ...]


class UnsteadyCallsError(AssertionError):
    """A publisher's runs do not make the same calls, so that the n-th of one run is not the n-th of another."""


class _Victim:
    """The process that is to be killed, which may not be there yet when its first call arrives."""

    def __init__(self, start: Callable[[], Publisher], signal_number: int) -> None:
        self._started = threading.Event()
        self._start, self._signal = start, signal_number

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
        """Signal it, and wait until it is no more."""
        self._started.wait()
        self._process.send_signal(self._signal)
        self._process.wait()


def fail_call(
    proxy: FaultProxy,
    start: Callable[[], Publisher],
    mode: Mode,
    number: int = 1,
    *,
    times: int | None = 1,
    where: Callable[[Sent], bool] = lambda sent: True,
    signal_number: int = signal.SIGKILL,
) -> Disturbed | tuple[Sent, ...]:
    """Run the publisher with one call failing; where it makes no such call, what it sent.

    Args:
        proxy: What stands before the portal; it is calm again afterwards.
        start: Starts the publisher, with pipes for what it says.
        mode: How the call fails (`MODES`).
        number: Which of the calls that are counted.
        times: How many calls fail from that one on; None: all.
        where: The calls that are counted, say those that write.
        signal_number: What kills the publisher.
    """
    victim = _Victim(start, signal_number)
    before = len(proxy.sent)
    proxy.on(mode(victim.kill), nth=number, times=times, where=where)
    code, out, err = victim.run()
    proxy.calm()
    sent = tuple(proxy.sent[before:])
    failed = [one for one in sent if one.fault]
    return Disturbed(number, failed[0], code, out, err, sent) if failed else sent


def fail_each_call(
    proxy: FaultProxy,
    start: Callable[[], Publisher],
    mode: Mode,
    *,
    prepare: Callable[[int], None] = lambda number: None,
    times: int | None = 1,
    where: Callable[[Sent], bool] = lambda sent: True,
) -> Iterator[Disturbed]:
    """Run the publisher with its n-th call failing, for n = 1, 2, … until a run has no n-th call any more.

    Args:
        proxy: As of `fail_call`; so are `start`, `mode`, `times` and `where`.
        start: Starts the publisher.
        mode: How the call fails.
        prepare: Called before the n-th run; gives it something to publish.
        times: How many calls fail from the n-th on.
        where: The calls that are counted.

    Raises:
        UnsteadyCallsError: the calls that failed are not those of the last run, in which none did: one was left out.
            Whatever a first run alone does is to be done before.
    """
    failed: list[str] = []
    while True:
        number = len(failed) + 1
        prepare(number)
        run = fail_call(proxy, start, mode, number, times=times, where=where)
        if not isinstance(run, Disturbed):
            _assert_steady(failed, [one.place for one in run if where(one)])
            return
        failed.append(run.call.place)
        yield run


def _assert_steady(failed: list[str], last: list[str]) -> None:
    if failed != last:
        raise UnsteadyCallsError(f"these calls failed, one a run: {failed}; the last run made these: {last}")
