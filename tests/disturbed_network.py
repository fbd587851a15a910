"""What tests of network faults share: offices at one portal behind one proxy, whose publishers hardly wait."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.ckan.deadlines import Deadlines
from pipelines.targets.ckan.target import CkanPortal
from tests.ckan_office import CkanOffice
from tests.fault_proxy import FaultProxy, Sent
from tests.portal_factory import Portal
from tests.workspace_factory import NEVER_CANARY, PORTS, SHARED_CANARY, TODAY, make_port_office

#: A publisher waits no longer than that, in seconds, whatever it was told to.
_LONGEST = 0.5
_numbers = itertools.count()
_SECRETS = (SHARED_CANARY, NEVER_CANARY)
SECOND = (PORTS[0], ("001", "东港", "1901-05-02", *_SECRETS), PORTS[3], ("004", "新港", "", *_SECRETS))


@dataclass
class DisturbedNetwork:
    """A portal, the proxy before it, and the seconds that publishers were to pause."""

    portal: Portal
    proxy: FaultProxy
    folder: Path
    patch: pytest.MonkeyPatch
    waited: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, value in (("TODAY", TODAY), ("HOME", ""), ("WORKSPACE", ""), ("LEDGER_URL", "")):
            self.patch.setenv(f"OPENDATA_{name}", value) if value else self.patch.delenv(f"OPENDATA_{name}", False)
        self.patch.setenv("CKAN_URL", self.proxy.url)
        self.patch.setenv("CKAN_TOKEN", self.portal.token("editor"))
        self.allow()

    def allow(self, **seconds: float) -> None:
        """Give the portal so much time for one exchange."""
        options: dict[str, Any] = {"pause": self._pause, "deadlines": Deadlines(**seconds)}
        self.patch.setattr("pipelines.commands.run.CkanPortal", partial(CkanPortal, **options))

    def _pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        threading.Event().wait(min(seconds, _LONGEST))

    def office(self, way: str = "auto", datasets: Sequence[str] = ("ports",)) -> CkanOffice:
        """An office of its own, which has published nothing yet, and publishes to the portal alone."""
        number = next(_numbers)
        made = make_port_office(self.folder / str(number), datasets)
        office = CkanOffice(made, self.portal, self.proxy, f"n{number}-", way)
        ckan = {"organisation": "own-agency", "prefix": office.prefix, "way": way, "patience": 2}
        made.agency(targets={"static": {"enabled": False}, "ckan": ckan})
        return office

    def datasets(self, office: CkanOffice) -> dict[str, dict[str, Any]]:
        """All that the portal has of an office, private datasets too, by name without the prefix."""
        asked = {"fq": f"name:{office.prefix}*", "include_private": True, "include_drafts": True, "rows": 100}
        found = self.portal.call("package_search", "editor", **asked)["results"]
        return {one["name"].removeprefix(office.prefix): one for one in found}


def uploads(sent: Sequence[Sent]) -> list[Sent]:
    """The requests that brought files."""
    return [one for one in sent if "multipart" in str(one.headers.get("Content-Type"))]
