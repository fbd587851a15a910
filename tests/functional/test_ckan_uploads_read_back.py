"""What was uploaded is read back before anybody sees it: one file that comes back otherwise, whichever, stops all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ckan_office import writes
from tests.disturbed_network import DisturbedNetwork, uploads
from tests.fault_proxy import FaultProxy, Sent
from tests.portal_factory import Portal
from tests.proxy_faults import Alter, garbled

#: Of a release with one table; they are read back two at a time, so that the last is alone.
_FILES = 7


@pytest.fixture
def network(
    ckan: Portal, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DisturbedNetwork]:
    yield DisturbedNetwork(ckan, proxy, tmp_path, monkeypatch)
    proxy.calm()


def _reads_back(sent: Sent) -> bool:
    """Whether we, and not just anybody, get a file."""
    return sent.method == "GET" and "/download/" in sent.path and bool(sent.token)


@pytest.mark.parametrize("nth", [1, _FILES])
def test_a_file_that_comes_back_otherwise_is_shown_to_nobody(network: DisturbedNetwork, nth: int) -> None:
    office = network.office("stock")
    rule = network.proxy.on(garbled(), nth=nth, where=_reads_back)
    begun = len(network.proxy.sent)
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"], rule.fired) == (1, "failed", 1)
    assert writes(network.proxy.sent[begun:]) == ["package_create", "package_revise"]
    assert {name: one["private"] for name, one in network.datasets(office).items()} == {"ports-releases": True}
    assert not office.is_there("ports")
    network.proxy.calm()
    sent = office.counted("publish")
    # They lie there already and are whole: none is sent again, each is read again.
    assert len({one.path for one in sent if _reads_back(one)}) == _FILES
    assert uploads(sent) == []
    assert office.office.run("verify").code == 0


def test_our_plugin_tells_of_a_file_that_lies_there_otherwise(network: DisturbedNetwork) -> None:
    office = network.office("plugin")
    storage = network.portal.folder / "storage" / "resources"
    known = set(storage.rglob("*"))

    def harm(body: bytes) -> bytes:
        """One bit of one file of those that were uploaded."""
        new = sorted(path for path in set(storage.rglob("*")) - known if path.is_file())
        assert len(new) == _FILES
        content = new[-1].read_bytes()
        new[-1].write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        return body

    network.proxy.on(Alter(harm), where=lambda sent: sent.action == "package_revise")
    begun = len(network.proxy.sent)
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert "other bytes than it was sent" in answer.out
    assert not [one for one in network.proxy.sent[begun:] if _reads_back(one)]
    assert {name: one["private"] for name, one in network.datasets(office).items()} == {"ports-releases": True}
    network.proxy.calm()
    assert office.office.run("publish").code == 0
    assert office.office.run("verify").code == 0


def test_each_file_is_read_back_once(network: DisturbedNetwork) -> None:
    sent = network.office("stock").counted("publish")
    read = [one.path for one in sent if _reads_back(one)]
    assert len(read) == len(set(read)) == _FILES
