"""Several datasets are on their way to a portal at a time: each by itself, and an end of the run ends them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ckan_office import CkanOffice, at_portal, ckan, make_ckan_office, proxy
from tests.fault_proxy import FaultProxy, Sent
from tests.portal_factory import Portal
from tests.proxy_faults import Delay, Exchange, Say

__all__ = ["at_portal", "ckan", "proxy"]

ROOT = Path(__file__).parents[2]
DATASETS = ("buoys", "ports", "tides")
_SECONDS = 60


@dataclass(frozen=True)
class Meet:
    """The request waits until all that are to meet are there."""

    all: threading.Barrier

    def disturb(self, exchange: Exchange) -> None:
        self.all.wait(_SECONDS)
        exchange.answer(exchange.forward())


@pytest.fixture(params=["plugin", "stock"])
def office(request: pytest.FixtureRequest, tmp_path: Path, ckan: Portal, proxy: FaultProxy, at_portal: None) -> Any:
    return make_ckan_office(tmp_path, ckan, proxy, request.param, DATASETS)


def named(office: CkanOffice, *datasets: str) -> Any:
    """Which requests say that a page of these datasets is made."""
    pages = [f'"name": "{office.prefix}{dataset}"'.encode() for dataset in datasets]
    return lambda sent: any(page in sent.body for page in pages)


def test_some_are_on_their_way_at_a_time(office: CkanOffice) -> None:
    met = office.proxy.on(Meet(threading.Barrier(3)), "package_create", times=3, where=named(office, *DATASETS))
    office.run("publish")
    assert met.fired == 3
    assert [office.is_there(dataset) for dataset in DATASETS] == [True] * 3
    assert office.office.run("verify").code == 0
    assert not [sent for sent in office.counted("publish") if sent.writes]


def test_one_that_is_refused_stops_no_other(office: CkanOffice) -> None:
    office.proxy.on(Say(409), "package_create", times=None, where=named(office, "ports"))
    answer = office.office.run("publish")
    assert answer.code == 1
    assert answer.verdicts == {
        "buoys": "published",
        "ports": "failed",
        "tides": "published",
    }
    office.proxy.calm()
    office.run("publish")
    assert office.is_there("ports")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ended_while_two_wait_for_the_portal(office: CkanOffice, number: int, code: int) -> None:
    both = threading.Barrier(3)
    arrived: list[Sent] = []

    def takes(sent: Sent) -> bool:
        if not sent.writes or len(arrived) == 2:
            return False
        arrived.append(sent)
        threading.Thread(target=both.wait, args=(_SECONDS,), daemon=True).start()
        return True

    office.proxy.on(Delay(), where=takes, times=2)
    places = ["--workspace", str(office.office.root), "--home", str(office.office.home)]
    run = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "publish", *places],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    both.wait(_SECONDS)
    run.send_signal(number)
    _, said = run.communicate(timeout=_SECONDS)
    assert run.returncode == code
    assert "Traceback" not in said
    assert "run it again to complete" in said
    assert not (office.office.home / "work").exists()
    office.proxy.calm()
    office.run("publish")
    assert office.office.run("verify").code == 0
