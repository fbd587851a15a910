"""After a withdrawal nobody finds a byte of it: every way that anybody has to a CKAN, tried one by one, by each way."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.ckan_office import CkanOffice, make_ckan_office
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.proxy_faults import HangUp
from tests.workspace_factory import files_with

_SECONDS = 60
#: Stands in the rows alone, and in no word about the dataset.
CANARY = "北港机密"
#: A part of it, to ask for: pages repeat what they were asked.
ASKED = "机密"
REASON = "含有个人信息"
pytestmark = pytest.mark.usefixtures("at_portal")


@pytest.fixture(scope="module")
def ckan(portal: Portal) -> Portal:
    """A portal with every way to the data that readers can have."""
    portal.set_back("ckan.datastore.sqlsearch.enabled=true", plugins=("release", "dcat"))
    return portal


@pytest.fixture(params=["plugin", "stock"])
def office(request: pytest.FixtureRequest, ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """An office with two releases, both of which have the canary, on a portal that answers SQL."""
    office = make_ckan_office(tmp_path, ckan, proxy, request.param)
    office.agency(ckan={"allow_sql_search": True})
    for name in (CANARY, f"{CANARY}二"):
        office.add_port(name)
        office.run("publish")
    return office


class Anybody:
    """Every way to the dataset that anybody had while it was there, each as a request."""

    def __init__(self, office: CkanOffice) -> None:
        self.url, page, shelf = office.portal.url, office.show("ports"), office.show("ports-releases")
        table = office.resources("ports")["csv"]["id"]
        self.gone = {
            "search of the rows": ("datastore_search", {"resource_id": table}),
            "words of the rows": ("datastore_search", {"resource_id": table, "q": CANARY}),
            "rows by SQL": ("datastore_search_sql", {"sql": f'SELECT * FROM "{table}"'}),
            "dictionary": ("datastore_info", {"id": table}),
            "dump": f"/datastore/dump/{table}",
            "dump as JSON": f"/datastore/dump/{table}?format=json",
            "resource by API": ("resource_show", {"id": table}),
            **{f"file {one['name']}": one["url"].removeprefix(self.url) for one in shelf["resources"]},
            **{
                f"lasting address of {one['release_role']}": f"/dataset/{page['id']}/resource/{one['id']}/download"
                for one in page["resources"]
            },
            **{
                f"page of {one['name']}": f"/dataset/{one['package_id']}/resource/{one['id']}"
                for one in _all(page, shelf)
            },
        }
        self.words = {
            "page": f"/dataset/{page['name']}",
            "page of all releases": f"/dataset/{shelf['name']}",
            "dataset by API": ("package_show", {"id": page["id"]}),
            "all releases by API": ("package_show", {"id": shelf["id"]}),
            "search": ("package_search", {"q": ASKED}),
            "search by name": ("package_search", {"fq": f"name:{page['name']}*"}),
            "search of resources": ("resource_search", {"query": "name:ports.csv"}),
            "search of resources by their words": ("resource_search", {"query": f"name:{ASKED}"}),
            "search's page": f"/dataset/?q={ASKED}",
            "dataset's activity": f"/dataset/activity/{page['id']}",
            "feed": "/feeds/dataset.atom",
            "feed of the organisation": "/feeds/organization/own-agency.atom",
            "feed of a search": f"/feeds/custom.atom?q={ASKED}",
            "catalogue as DCAT": "/catalog.ttl",
            "dataset as DCAT": f"/dataset/{page['id']}.ttl",
        }

    def asks(self, way: str | tuple[str, dict[str, Any]]) -> requests.Response:
        """What a way answers."""
        if isinstance(way, str):
            return requests.get(f"{self.url}{way}", timeout=_SECONDS, allow_redirects=False)
        return requests.post(f"{self.url}/api/3/action/{way[0]}", json=way[1], timeout=_SECONDS)


def _all(*packages: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for package in packages for one in package["resources"]]


def _words(answer: requests.Response) -> str:
    """What an answer says, however it writes it: JSON and XML may write Chinese by numbers."""
    if "json" in answer.headers.get("Content-Type", ""):
        return json.dumps(answer.json(), ensure_ascii=False)
    return html.unescape(answer.content.decode("utf-8"))


def test_every_way_is_shut_after_a_withdrawal(office: CkanOffice) -> None:
    anybody = Anybody(office)
    before = {name: anybody.asks(way) for name, way in anybody.gone.items()}
    assert {name: one.status_code for name, one in before.items() if one.status_code not in (200, 302)} == {}
    assert CANARY in before["rows by SQL"].json()["result"]["records"][3]["name"]
    answer = office.run("withdraw", "ports", "--reason", REASON)
    after = {name: anybody.asks(way).status_code for name, way in anybody.gone.items()}
    # CKAN answers SQL about a table that is not there with 409, "relation does not exist".
    assert after.pop("rows by SQL") == 409
    assert {name: status for name, status in after.items() if status not in (404, 410)} == {}
    said = {name: anybody.asks(way) for name, way in anybody.words.items()}
    for name, one in said.items():
        assert one.status_code in (200, 404), (name, one.status_code)
        assert CANARY not in _words(one), name
    assert (office.show("ports")["resources"], office.show("ports-releases")["resources"]) == ([], [])
    for name in ("page", "dataset by API", "dataset as DCAT"):
        assert REASON in _words(said[name])
    assert answer.datasets["ports"]["targets"].keys() == {"static", "ckan", "sharing"}
    assert files_with(office.office.portal, CANARY) == []
    assert office.office.run("verify", "ports").code == 0


@pytest.mark.parametrize("office", ["stock"], indirect=True)
def test_sql_search_is_an_obstacle_until_the_agency_says_otherwise(office: CkanOffice) -> None:
    office.agency()
    office.add_port("丁港")
    answer = office.office.run("publish")
    assert (answer.code, answer.err.count("CVE-2026-42031")) == (1, 1)
    assert office.show("ports")["version"] == "2"


@pytest.mark.parametrize("office", ["plugin"], indirect=True)
def test_a_target_that_is_away_is_told_and_made_up_for_by_the_next_run(office: CkanOffice) -> None:
    office.proxy.on(HangUp(), times=None)
    answer = office.office.run("withdraw", "ports", "--reason", REASON)
    assert (answer.code, files_with(office.office.portal, CANARY)) == (1, [])
    assert answer.err.count("opendata: ckan:") == 1
    office.proxy.calm()
    office.run("withdraw", "ports", "--reason", REASON)
    assert office.show("ports")["resources"] == []
    assert office.office.run("verify", "ports").code == 0
