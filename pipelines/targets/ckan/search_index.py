"""The portal's search against its datasets: CKAN tells the search before it commits, and a commit may fail after that.

What the search shows then was never published (reliability.md M12). Another change of the dataset tells it anew; of a
dataset that was never made nothing can, but a command on the portal's server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import DIGEST, RETOLD
from pipelines.targets.ckan.errors import PortalError
from pipelines.targets.ckan.package import Package, read_package
from pipelines.targets.ckan.revise import Revision, match_of

#: Seconds that the search may lag behind in one run, over all datasets, and between two looks at it.
_LAG, _PAUSE = 30.0, 0.5


class SearchLag:
    """Waits for a search that follows late: so long in all that a lag is no failure, and a dead search no standstill.

    Args:
        pause: Called with the seconds to wait.
    """

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause = pause
        self._left = _LAG

    def wait(self) -> bool:
        """Wait a little; False, and at once, where the run has waited long enough."""
        if self._left <= 0:
            return False
        self._left -= _PAUSE
        self._pause(_PAUSE)
        return True


def found_by_search(client: Client, name: str, *, anonymous: bool) -> list[Package]:
    """What the search finds under a dataset's name; with our token also what is private."""
    asked: dict[str, Any] = {"fq": f'name:"{name}"', "rows": 10, "include_private": not anonymous}
    return [Package(one) for one in client.read("package_search", asked, anonymous=anonymous)["results"]]


def ghost_fault(name: str, shown: Package | None, found: Sequence[Package]) -> str:
    """What the search shows that the dataset is not, with what to do; "" where they agree."""
    if any(shown is None or one.id != shown.id for one in found):
        return (
            f"the search shows a dataset {name} that is not there (a commit was lost) → "
            "have `ckan search-index clear-orphans` run on the portal's server"
        )
    if shown and any(_what_it_says(one) != _what_it_says(shown) for one in found):
        return (
            f"the search shows {name} as it is not (a commit was lost) → publish it again, "
            f"or have `ckan search-index rebuild {name}` run on the portal's server"
        )
    return ""


def _what_it_says(package: Package) -> tuple[Any, ...]:
    """What readers of the search see of a dataset; a moment of change that was lost is no part of it."""
    resources = [(one["id"], one.get("url"), one.get("hash")) for one in package.resources]
    said = [package.data.get(field) for field in ("title", "notes", "version", "private")]
    return (*said, package.extras.get(DIGEST), resources)


def retell(client: Client, name: str) -> str:
    """Where the search shows a dataset otherwise than it is, have the portal tell it anew.

    Returns:
        What is still wrong, with what to do; "" where search and dataset agree, or can't be read.
    """
    try:
        fault, package = _compared(client, name)
        if fault and package:
            # Even a change that fails has told the search what the dataset was before it.
            with suppress(PortalError):
                client.write("package_revise", _touch(package))
            fault, _ = _compared(client, name)
        return fault
    except PortalError:
        return ""


def _compared(client: Client, name: str) -> tuple[str, Package | None]:
    package = read_package(client, name)
    return ghost_fault(name, package, found_by_search(client, name, anonymous=False)), package


def _touch(package: Package) -> Revision:
    """A change that nobody sees: of a dataset that did not change CKAN tells the search nothing."""
    extras = [one for one in package.data.get("extras", []) if one["key"] != RETOLD]
    told = [{"key": one["key"], "value": one["value"]} for one in extras]
    touched = {"key": RETOLD, "value": package.modified}
    return {"match": match_of(package), "filter": ["-extras"], "update": {"extras": [*told, touched]}}
