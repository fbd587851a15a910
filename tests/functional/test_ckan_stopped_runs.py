"""Ctrl-C, or the system's request to end, reaches a run while CKAN has a file, the rows or the switch in hand."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.broken_invariants import after_publish
from tests.disturbed_office import PUBLISH, DisturbedOffice, disturbed_office
from tests.failing_calls import Disturbed, fail_call
from tests.fault_proxy import Sent
from tests.portal_factory import Portal
from tests.proxy_faults import Fault, Interrupt

#: Phase → the call that is under way, by each way.
PHASES: dict[str, Callable[[Sent], bool]] = {
    "upload": lambda sent: b'name="update__resources__' in sent.body,
    "load": lambda sent: sent.action in ("release_load", "datastore_upsert"),
    "switch": lambda sent: b"publication_digest" in sent.body,
}
#: What stops the runs of each way, and what they end with.
SIGNALS = {"plugin": (signal.SIGTERM, 143), "stock": (signal.SIGINT, 130)}


@pytest.fixture(scope="module")
def ckan(empty_portal: Portal) -> Portal:
    """A portal with our plugin."""
    empty_portal.configure(plugins=("release",))
    return empty_portal


@pytest.fixture(scope="module", params=["plugin", "stock"])
def office(
    request: pytest.FixtureRequest, ckan: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DisturbedOffice]:
    """An office by each way, with some releases behind it."""
    way = request.param
    with disturbed_office(tmp_path_factory.mktemp(way), ckan, f"stopped-{way}-", way) as office:
        yield office


@pytest.mark.parametrize("phase", PHASES)
def test_a_stopped_run_leaves_nothing_behind_and_the_next_completes(office: DisturbedOffice, phase: str) -> None:
    number, code = SIGNALS[office.office.way]
    expected = office.state()
    office.change()
    finished = threading.Event()

    def stopped(stop: Callable[[], None]) -> Fault:
        """The call is held until the publisher is gone; then the portal gets it all the same."""
        return Interrupt(before=stop, after=finished.set)

    run = fail_call(
        office.office.proxy,
        lambda: office.start(*PUBLISH),
        stopped,
        where=lambda sent: office.concerns_write(sent) and PHASES[phase](sent),
        signal_number=number,
    )
    assert isinstance(run, Disturbed)
    assert finished.wait(60)
    assert (run.code, run.out) == (code, "")
    assert "Traceback" not in run.err
    assert not (office.office.office.home / "work").exists()
    assert after_publish(office, run, expected) == []
