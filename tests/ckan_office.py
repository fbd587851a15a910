"""The port office publishing to a real CKAN: its portal before a proxy that counts, and what anybody finds there."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckanapi
import pytest
import requests

from tests.fault_proxy import FaultProxy, Sent
from tests.portal_factory import Portal
from tests.workspace_factory import NEVER_CANARY, PORTS, SHARED_CANARY, TODAY, Answer, PortOffice, make_port_office

_SECONDS = 60
_numbers = itertools.count()
#: What a run asks the portal before its first dataset.
PREFLIGHT = 7


@dataclass
class CkanOffice:
    """An office, the portal that it publishes to, and the proxy between them; names there begin with `prefix`."""

    office: PortOffice
    portal: Portal
    proxy: FaultProxy
    prefix: str
    way: str

    def agency(self, **changes: Any) -> None:
        """Write agency.yaml with the target's settings and changes."""
        # Portals that are ended on purpose are not waited for.
        ours = {"organisation": "own-agency", "prefix": self.prefix, "way": self.way, "patience": 2}
        ckan = {**ours, **changes.pop("ckan", {})}
        self.office.agency(targets={"ckan": ckan}, **changes)

    def add_port(self, name: str = "北港") -> None:
        """Give the ports one row more than they have at first."""
        self.office.ports((*PORTS, ("011", name, "2001-02-03", SHARED_CANARY, NEVER_CANARY)))

    def run(self, command: str, *words: str) -> Answer:
        """Run a command that must succeed."""
        answer = self.office.run(command, *words)
        assert answer.code == 0, answer.out + answer.err
        return answer

    def counted(self, command: str, *words: str) -> list[Sent]:
        """Run a command that must succeed; what it sent."""
        before = len(self.proxy.sent)
        self.run(command, *words)
        return self.proxy.sent[before:]

    def show(self, dataset: str) -> dict[str, Any]:
        """A dataset as anybody sees it."""
        return dict(self.portal.call("package_show", id=f"{self.prefix}{dataset}"))

    def is_there(self, dataset: str) -> bool:
        """Whether anybody sees a dataset."""
        try:
            self.show(dataset)
        except (ckanapi.NotFound, ckanapi.NotAuthorized):
            return False
        return True

    def resources(self, dataset: str) -> dict[str, dict[str, Any]]:
        """Its resources by role."""
        return {one["release_role"]: one for one in self.show(dataset)["resources"] if one.get("release_role")}

    def download(self, resource: Mapping[str, Any]) -> requests.Response:
        """What anybody gets at a resource's lasting address, followed to its file."""
        address = f"{self.portal.url}/dataset/{resource['package_id']}/resource/{resource['id']}/download"
        return requests.get(address, timeout=_SECONDS)

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """The rows of its table as anybody reads them, `_id` left out."""
        found = self.portal.call("datastore_search", resource_id=self.resources(dataset)["csv"]["id"], sort="_id")
        return [{key: value for key, value in row.items() if key != "_id"} for row in found["records"]]

    def edit(self, dataset: str, account: str = "editor", **changes: Any) -> None:
        """Somebody changes the dataset by hand."""
        self.portal.call("package_patch", account, id=f"{self.prefix}{dataset}", **changes)

    def status(self, path: str) -> int:
        """What anybody is answered at a path."""
        return requests.get(f"{self.portal.url}{path}", timeout=_SECONDS, allow_redirects=False).status_code


def make_ckan_office(
    root: Path, portal: Portal, proxy: FaultProxy, way: str, datasets: Sequence[str] = ("ports",)
) -> CkanOffice:
    """An office in `root` whose datasets nobody else has at the portal."""
    office = CkanOffice(make_port_office(root, datasets), portal, proxy, f"office{next(_numbers)}-{way}-", way)
    office.agency()
    return office


def writes(sent: Sequence[Sent]) -> list[str]:
    """The actions that change something, in their order."""
    return [one.action for one in sent if one.writes]


def released_rows(office: PortOffice, dataset: str, number: int) -> list[list[str]]:
    """The rows of a release's CSV without their heading."""
    text = (office.release(dataset, number) / "data" / f"{dataset}.csv").read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.fixture(scope="module")
def ckan(portal: Portal) -> Portal:
    """The emptied portal with our plugin."""
    portal.set_back(plugins=("release",))
    return portal


@pytest.fixture(scope="module")
def proxy(ckan: Portal) -> Iterator[FaultProxy]:
    """What stands before it."""
    with FaultProxy(ckan.url) as proxy:
        yield proxy


@pytest.fixture
def at_portal(ckan: Portal, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs publish to the portal behind the proxy, on a fixed day; afterwards it disturbs nothing more."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    monkeypatch.setenv("CKAN_URL", proxy.url)
    monkeypatch.setenv("CKAN_TOKEN", ckan.token("editor"))
    yield
    proxy.calm()
