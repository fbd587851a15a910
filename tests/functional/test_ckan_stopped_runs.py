"""Ctrl-C, or the system's request to end, reaches a run while CKAN has a file, the rows or the switch in hand."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from tests.broken_invariants import after_publish
from tests.disturbed_office import PUBLISH, DisturbedOffice
from tests.failing_calls import Disturbed, fail_call
from tests.fault_proxy import Sent
from tests.proxy_faults import Fault, Interrupt


def _is_upload(sent: Sent) -> bool:
    return b'name="update__resources__' in sent.body


def _is_load(sent: Sent) -> bool:
    return sent.action in ("release_load", "datastore_upsert")


def _is_switch(sent: Sent) -> bool:
    return b"publication_digest" in sent.body


#: Phase → the call that is under way, by each way: what both do alike is stopped in one of them.
PHASES: dict[str, dict[str, Callable[[Sent], bool]]] = {
    "rows": {"plugin": _is_load, "stock": _is_load},
    "files or page": {"plugin": _is_switch, "stock": _is_upload},
}
#: What stops the runs of each way, and what they end with.
SIGNALS = {"plugin": (signal.SIGTERM, 143), "stock": (signal.SIGINT, 130)}


@pytest.mark.parametrize("phase", PHASES)
def test_a_stopped_run_leaves_nothing_behind_and_the_next_completes(disturbed: DisturbedOffice, phase: str) -> None:
    number, code = SIGNALS[disturbed.office.way]
    expected = disturbed.state()
    disturbed.change()
    finished = threading.Event()

    def stopped(stop: Callable[[], None]) -> Fault:
        """The call is held until the publisher is gone; then the portal gets it all the same."""
        return Interrupt(before=stop, after=finished.set)

    run = fail_call(
        disturbed.office.proxy,
        lambda: disturbed.start(*PUBLISH),
        stopped,
        where=lambda sent: disturbed.concerns_write(sent) and PHASES[phase][disturbed.office.way](sent),
        signal_number=number,
    )
    assert isinstance(run, Disturbed)
    assert finished.wait(60)
    assert (run.code, run.out) == (code, "")
    assert "Traceback" not in run.err
    assert not (disturbed.office.office.home / "work").exists()
    assert after_publish(disturbed, run, expected) == []
