"""A portal that is away is tried again, ever later and within bounds; one that stays away is given up for the run."""

from __future__ import annotations

import email.utils
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import PortalDown, UnknownOutcome
from tests.scripted_portal import DONE, LOST, TOKEN, Script, done, scripted

ASKED = "package_show"
BUSY, AWAY, BROKEN = (429, ""), (503, "<html>"), (500, "Traceback")


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as script:
        yield script


class Absent:
    """A portal that answers once and is then away, until its client was to wait for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stack = ExitStack()
        self.waited: list[float] = []
        with scripted() as before:
            self.client = Client(before.address, TOKEN, self._wait, patience=900)
            self.client.read(ASKED)
            self._port = int(before.address.rpartition(":")[2])
        self.after: Script | None = None

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if self.after is None and sum(self.waited) >= self._seconds:
            self.after = self._stack.enter_context(scripted(self._port))

    def __enter__(self) -> Absent:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@pytest.mark.parametrize("call", ["read", "write", "fetch"])
def test_ten_minutes_without_a_portal_are_outlasted(call: str) -> None:
    calls = {
        "read": lambda client: client.read(ASKED),
        "write": lambda client: client.write("package_revise", {}),
        "fetch": lambda client: client.fetch("/file").status,
    }
    with Absent(600) as portal:
        assert calls[call](portal.client) in ({"id": "1"}, 200)
        assert portal.after and len(portal.after.sent) == 1
        assert sum(portal.waited) >= 600
        assert max(portal.waited) <= 30
        assert portal.waited[0] < 1 < 7 < portal.waited[-1]
        # By chance: two publishers that lost the same portal do not come back together.
        assert len(set(portal.waited)) == len(portal.waited)


def test_a_portal_that_stays_away_is_waited_for_once(script: Script) -> None:
    client = script.client(patience=60)
    script.answers = [DONE, AWAY]
    client.read(ASKED)
    with pytest.raises(PortalDown):
        client.read(ASKED)
    assert 60 <= sum(script.waited) <= 64
    sent, waits = len(script.sent), len(script.waited)
    for further in (lambda: client.read(ASKED), lambda: client.write("package_revise", {}), lambda: client.fetch("/")):
        with pytest.raises(PortalDown) as caught:
            further()
        assert "given up" in str(caught.value) and caught.value.fix
    assert (len(script.sent), len(script.waited)) == (sent, waits)


def test_a_portal_that_never_answered_is_not_waited_for_long(script: Script) -> None:
    script.answers = [AWAY]
    with pytest.raises(PortalDown):
        script.client(patience=600).read(ASKED)
    assert sum(script.waited) < 4
    assert script.actions == [ASKED] * 4


def test_each_outage_is_waited_for_anew(script: Script) -> None:
    script.answers = [DONE, *[AWAY] * 8, DONE, *[AWAY] * 8, DONE]
    client = script.client(patience=60)
    assert [client.read(ASKED) for _ in range(3)] == [{"id": "1"}] * 3
    assert sum(script.waited) > 60


@pytest.mark.parametrize("failure", [LOST, BROKEN, (200, "{"), (504, "<html>")])
def test_what_fails_for_one_dataset_stops_no_other(script: Script, failure: tuple[int, str]) -> None:
    alive = done({"ckan_version": "2.12.0"})
    script.answers = [DONE, *[failure] * 4, alive, DONE]
    client = script.client()
    client.read(ASKED)
    with pytest.raises(PortalDown):
        client.read(ASKED)
    assert client.read(ASKED) == {"id": "1"}
    assert script.actions == [*[ASKED] * 5, "status_show", ASKED]


def test_a_portal_that_hangs_is_given_up_after_one_call(script: Script) -> None:
    script.answers = [DONE, LOST]
    client = script.client()
    client.read(ASKED)
    with pytest.raises(UnknownOutcome):
        client.settle(lambda: client.write("package_revise", {}), lambda: None)
    assert script.actions[1:] == [*["package_revise"] * 4, "status_show"]
    with pytest.raises(PortalDown):
        client.read(ASKED)
    assert len(script.sent) == 6


def test_a_write_of_which_nothing_arrived_is_sent_again_and_no_other(script: Script) -> None:
    script.answers = [BUSY, BUSY, DONE]
    assert script.client().write("package_revise", {}) == {"id": "1"}
    script.answers = [AWAY, DONE]
    with pytest.raises(UnknownOutcome):
        script.client().write("package_revise", {})
    assert len(script.sent) == 4


@pytest.mark.parametrize(
    ("said", "waited"),
    [("7", 7.0), ("86400", 30.0), (email.utils.formatdate(4_000_000_000, usegmt=True), 30.0)],
)
def test_what_a_busy_portal_asks_for_is_done_within_bounds(script: Script, said: str, waited: float) -> None:
    script.answers, script.headers = [BUSY, AWAY, DONE], {"Retry-After": said}
    assert script.client().read(ASKED) == {"id": "1"}
    assert script.waited == [waited, waited]


@pytest.mark.parametrize("said", ["soon", "-5", "", email.utils.formatdate(0, usegmt=True)])
def test_what_can_t_be_done_is_as_if_nothing_was_asked_for(script: Script, said: str) -> None:
    script.answers, script.headers = [AWAY, DONE], {"Retry-After": said}
    script.client().read(ASKED)
    assert 0.2 < script.waited[0] < 1


def test_a_name_that_is_not_found_may_be_found_later(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    found, failures = socket.getaddrinfo, [2]

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        if failures[0]:
            failures[0] -= 1
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return found("127.0.0.1", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    port = script.address.rpartition(":")[2]
    client = Client(f"http://portal.example:{port}", TOKEN, script.waited.append)
    assert client.write("package_revise", {}) == {"id": "1"}
    assert (len(script.waited), len(script.sent)) == (2, 1)
