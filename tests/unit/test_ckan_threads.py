"""Threads may share a client: exchanges don't mix, and two that wait for a portal wait no shorter than one would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import PortalDown
from tests.scripted_portal import DONE, TOKEN, Script, scripted

AWAY = (503, "<html>")


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as script:
        yield script


def test_two_exchanges_run_at_a_time(script: Script) -> None:
    client = script.client()
    both = threading.Barrier(2)
    answer = script.next_answer
    script.next_answer = lambda: (both.wait(30), answer())[1]  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(lambda _: client.read("package_show"), range(8)))
    assert results == [{"id": "1"}] * 8


def test_two_threads_never_wait_at_the_same_time(script: Script) -> None:
    met = threading.Barrier(2)
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) > 1:  # the first is before the threads, and proves nothing
            try:
                met.wait(0.05)
            except threading.BrokenBarrierError:
                met.reset()
            else:
                pytest.fail("two waits at a time, which count for twice what they took")

    client = Client(script.address, TOKEN, pause, patience=2)
    script.answers = [AWAY, DONE, AWAY]
    client.read("package_show")
    with ThreadPoolExecutor(2) as threads:
        reads = [threads.submit(client.read, "package_show") for _ in range(2)]
        failures = [read.exception() for read in reads]
    assert [type(failure) for failure in failures] == [PortalDown] * 2
    with pytest.raises(PortalDown):
        client.fetch("/")
