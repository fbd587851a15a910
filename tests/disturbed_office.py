"""An office with two datasets, the calls of one of which are disturbed: what it publishes next, and what it made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.ckan_office import CkanOffice
from tests.fault_proxy import FaultProxy, Sent
from tests.known_releases import KnownReleases, known_release, write_known
from tests.portal_factory import Portal
from tests.portal_sight import Seen, look, state_of
from tests.publisher_processes import PublisherProcess, PublisherProcesses
from tests.workspace_factory import NEVER_CANARY, PORTS, SHARED_CANARY, TODAY, Answer, make_port_office

#: The dataset whose calls fail, and the one beside it, which has a page and no data.
DISTURBED, OTHER = "ports", "wrecks"
PUBLISH, WITHDRAW = ("publish",), ("withdraw", DISTURBED, "--reason", "误报")
_SECONDS = 300


@dataclass
class DisturbedOffice:
    """An office that publishes one release after the other, each by a process of its own.

    `release` is the number of the last one that was given to publish; `ids` are the names and ids at the portal of
    what belongs to the disturbed dataset.
    """

    office: CkanOffice
    publishers: PublisherProcesses
    folder: Path
    release: int = 0
    ids: set[str] = field(default_factory=set)

    def start(self, *words: str) -> PublisherProcess:
        """Start a run."""
        return self.publishers.start(*words)

    def run(self, *words: str) -> tuple[Answer, list[Sent]]:
        """A run from its start to its end, and what it sent."""
        before = len(self.office.proxy.sent)
        process = self.start(*words)
        out, err = process.communicate(_SECONDS)
        return Answer(process.returncode, out, err), self.office.proxy.sent[before:]

    def must_run(self, *words: str) -> list[Sent]:
        """A run that must succeed; what it sent."""
        answer, sent = self.run(*words)
        assert answer.code == 0, answer.out + answer.err
        self.learn()
        return sent

    def change(self) -> None:
        """Give both datasets something to publish: one row changed, one added, one removed; another summary."""
        self.release += 1
        number, closed = 100 + self.release, (SHARED_CANARY, NEVER_CANARY)
        rows = [
            ("001", f"东港{number}", "1901-05-01", *closed),
            ("002", "西港", "1955-10-12", *closed),
            (str(number), "新港", "", *closed),
        ]
        self.office.office.ports([PORTS[0], *rows])
        self.office.office.entry(OTHER, summary=f"第{number}次说明")

    def learn(self) -> None:
        """Know the release that was made last, and what belongs to the disturbed dataset at the portal."""
        made = self.office.office.release(DISTURBED, self.release)
        if made.is_dir():
            write_known(self.folder, known_release(made))
        name = f"{self.office.prefix}{DISTURBED}"
        asked = {"fq": f"name:({name} OR {name}-releases OR {name}-staging)", "include_private": True}
        found = self.office.portal.call("package_search", "editor", **asked)["results"]
        self.ids |= {name} | {one["id"] for one in found}
        self.ids |= {resource["id"] for one in found for resource in one["resources"]}

    def concerns(self, sent: Sent) -> bool:
        """Whether a call is about the disturbed dataset, as far as that is known before the run: new files are not."""
        if sent.action == "release_files":
            return False
        said = f"{sent.path} {sent.body.decode(errors='replace')}"
        return any(one in said for one in self.ids)

    def concerns_write(self, sent: Sent) -> bool:
        """Whether a call changes it."""
        return sent.writes and self.concerns(sent)

    def seen(self) -> Seen:
        """What anybody gets of the disturbed dataset."""
        return look(self.office, DISTURBED, KnownReleases(self.folder))

    def state(self) -> dict[str, Any]:
        """What the portal has of both."""
        return state_of(self.office, self.release)

    def standing(self) -> dict[str, Any]:
        """What `status` says of the disturbed dataset."""
        answer, _ = self.run("status", DISTURBED)
        return dict(answer.document["datasets"][0])

    def reports(self) -> str:
        """All reports."""
        return "".join(path.read_text("utf-8") for path in (self.office.office.home / "reports").iterdir())


@contextmanager
def disturbed_office(root: Path, portal: Portal, prefix: str, way: str) -> Iterator[DisturbedOffice]:
    """The office, after so many releases that every further one makes the same calls."""
    with ExitStack() as stack:
        proxy = stack.enter_context(FaultProxy(portal.url))
        office = CkanOffice(make_port_office(root, (DISTURBED, OTHER)), portal, proxy, prefix, way)
        ckan = {"organisation": "own-agency", "prefix": prefix, "way": way, "grace": 2}
        office.office.agency(targets={"static": {"enabled": False}, "ckan": ckan})
        environment = {"OPENDATA_TODAY": TODAY, "CKAN_URL": proxy.url, "CKAN_TOKEN": portal.token("editor")}
        places = ("--workspace", str(office.office.root), "--home", str(office.office.home), "--json")
        publishers = stack.enter_context(PublisherProcesses(environment, places))
        disturbed = DisturbedOffice(office, publishers, root / "known")
        for _ in range(3):
            disturbed.change()
            disturbed.must_run(*PUBLISH)
        yield disturbed


def once_each(fits: Callable[[Sent], bool]) -> Callable[[Sent], bool]:
    """The first of all calls that are alike, of those that fit: so that each fails, and its repetition does not.

    Alike are calls of one size, for a form that is sent again has another boundary.
    """
    met: set[tuple[str, int]] = set()

    def is_first(sent: Sent) -> bool:
        call = (sent.path, sent.size)
        if not fits(sent) or call in met:
            return False
        met.add(call)
        return True

    return is_first


@pytest.fixture(scope="module", params=["plugin", "stock"])
def disturbed(
    request: pytest.FixtureRequest, ckan: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DisturbedOffice]:
    """An office by each way, with some releases behind it."""
    way = request.param
    with disturbed_office(tmp_path_factory.mktemp(way), ckan, f"disturbed-{way}-", way) as office:
        yield office
