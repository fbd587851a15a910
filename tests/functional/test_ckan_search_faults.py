"""The portal's search lags behind, or shows what was never committed: a lag is no failure, a ghost is told or gone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from pipelines.targets.ckan.search_index import SearchLag
from tests.ckan_office import CkanOffice
from tests.dying_portal import PublishFirst, assert_converged, found, is_switch, sight, trap
from tests.proxy_faults import HangUp, Interrupt

pytestmark = pytest.mark.faults

#: CKAN's commits of page and releases' dataset that readers would see.
_SHOWN = "NEW.name LIKE '{}%' AND NOT NEW.private"


def commit_search(office: CkanOffice) -> None:
    """Solr shows what it was told."""
    port = json.loads((office.portal.folder / "portal.json").read_text("utf-8"))["ports"]["solr"]
    requests.get(f"http://127.0.0.1:{port}/solr/ckan/update?commit=true", timeout=60).raise_for_status()


def titles(office: CkanOffice, ending: str = "") -> list[str]:
    """The titles that anybody's search shows."""
    return [one["title"] for one in found(office, f"{office.prefix}ports{ending}")]


@pytest.fixture
def lagging(publish_first: PublishFirst) -> Iterator[CkanOffice]:
    """An office at a portal whose Solr shows nothing that it was told until it is asked to."""
    office = publish_first("plugin")
    office.portal.configure("ckan.search.solr_commit=false", plugins=("release",))
    yield office
    office.portal.configure(plugins=("release",))


def test_a_search_that_lags_is_waited_for(lagging: CkanOffice) -> None:
    looks = lagging.proxy.on(Interrupt(before=lambda: commit_search(lagging)), "package_search", nth=3)
    assert lagging.run("publish").verdicts["ports"] == "published"
    assert looks.fired == 1
    assert_converged(lagging)


def test_a_search_is_waited_for_so_long_in_a_run_and_no_longer() -> None:
    waited: list[float] = []
    lag = SearchLag(waited.append)
    while lag.wait():
        pass
    assert sum(waited) == 30
    assert not lag.wait()
    assert sum(waited) == 30


def test_a_first_release_whose_commit_fails_is_nowhere_and_then_once(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    office.office.add("buoys", "307002/000009", office.office.schemas["ports"], title="浮标")
    office.office.entry("buoys", source={"path": "samples/ports.csv", "encoding": "gb18030"})
    name = f"{office.prefix}buoys"
    with trap(office, f"NEW.name LIKE '{name}%'"):
        answer = office.office.run("publish", "buoys")
    assert (answer.code, answer.verdicts["buoys"]) == (1, "failed")
    assert found(office, name) == found(office, f"{name}-releases") == []  # for anybody
    # CKAN's search keeps what was private and never there, for the organisation alone, until its own command is run.
    ghosts = [one["id"] for one in found(office, f"{name}-releases", "editor")]
    assert ghosts
    assert "search-index clear-orphans" in answer.datasets["buoys"]["reason"]
    office.run("publish")
    shown = office.show("buoys")
    assert [one["id"] for one in found(office, name)] == [shown["id"]]
    assert len(office.rows("buoys")) == 4
    assert office.office.run("verify", "buoys").code == 0


@pytest.mark.parametrize("way", ["plugin", "stock"])
def test_a_release_whose_commit_fails_is_not_found_either(publish_first: PublishFirst, way: str) -> None:
    office = publish_first(way)
    office.office.entry("ports", title="新港口")
    with trap(office, _SHOWN.format(office.prefix)) as open_it:
        office.proxy.on(Interrupt(before=open_it), where=lambda sent: b"release_retold" in sent.body)
        answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert (titles(office), titles(office, "-releases")) == (["港口"], ["港口 · 历次版次"])
    assert (sight(office).release, sight(office).torn) == (1, [])
    office.run("publish")
    assert titles(office) == ["新港口"]
    assert_converged(office)


def test_what_the_search_shows_by_mistake_is_told_and_gone_after_a_rerun(publish_first: PublishFirst) -> None:
    office = publish_first("stock")
    office.office.entry("ports", title="新港口")
    with trap(office, _SHOWN.format(f"{office.prefix}ports") + " AND NEW.title = '新港口'"):
        # The portal goes away before anything can be mended.
        switched = office.proxy.on(Interrupt(), where=is_switch)
        office.proxy.on(HangUp(), times=None, where=lambda sent: bool(switched.fired) and not is_switch(sent))
        assert office.office.run("publish").code != 0
    office.proxy.calm()
    assert titles(office) == ["新港口"]
    faults = [proof["faults"] for proof in office.office.run("verify", "ports").document["proofs"]]
    assert any("search-index rebuild" in fault for proof in faults for fault in proof)
    office.run("publish")
    assert_converged(office)
