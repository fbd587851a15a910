"""A real CKAN on loopback for the tests that need one: started once by the project's own script, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ckanapi
import psycopg
import pytest

_PROGRAM = Path(__file__).parents[1] / "platforms" / "ckan" / "portal.py"
#: A request of CKAN's may never be answered (platforms/ckan/README.md); no test waits for one.
_SECONDS = 60


@dataclass(frozen=True)
class Portal:
    """A running portal. Accounts: `administrator`, `editor` of own-agency, `other-editor` of other-agency."""

    folder: Path
    url: str

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run portal.py on this portal, whatever comes of it: `kill solr`, `start solr`, `pause ckan`, `status`."""
        program = [sys.executable, str(_PROGRAM), "--folder", str(self.folder), *words]
        return subprocess.run(program, capture_output=True, text=True, check=False)

    def control(self, *words: str) -> str:
        """Run portal.py where it must succeed; what it printed."""
        done = self.command(*words)
        if done.returncode:
            pytest.fail(f"portal.py {' '.join(words)}: {done.stderr}")
        return done.stdout

    def configure(self, *settings: str, plugins: tuple[str, ...] = ()) -> None:
        """Run CKAN with these lines of its configuration and plugins, and no others; nothing given: as at first."""
        words = [word for plugin in plugins for word in ("--with", plugin)]
        self.control("configure", *words, *(word for line in settings for word in ("--set", line)))

    def set_back(self, *settings: str, plugins: tuple[str, ...] = ()) -> None:
        """Have every server up, these settings and plugins, and no data; CKAN starts anew only where it must."""
        self.control("start", "postgres", "redis", "solr", "ckan", "worker")
        self.configure(*settings, plugins=plugins)
        self.control("empty")

    def token(self, account: str) -> str:
        """An account's token."""
        return self.token_file(account).read_text("utf-8").strip()

    def token_file(self, account: str) -> Path:
        """Where it lies."""
        return Path(self._written()["tokens"][account])

    def call(self, action: str, account: str | None = None, upload: IO[bytes] | None = None, **data: Any) -> Any:
        """What an action of CKAN's API answers to an account, or to anybody; ckanapi's errors where it refuses."""
        files = {"upload": upload} if upload else None
        with ckanapi.RemoteCKAN(self.url, apikey=self.token(account) if account else None) as api:
            return api.call_action(action, data, files=files, requests_kwargs={"timeout": _SECONDS})

    def sql(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """Run SQL as the owner of the database `ckan` or `datastore`; its rows."""
        with psycopg.connect(self._written()["databases"][database]) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def _written(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "portal.json").read_text("utf-8"))
        return content


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """A portal on free ports, with whatever earlier tests left in it; `CKAN=skip` skips the tests that need it."""
    if os.environ.get("CKAN") == "skip":
        pytest.skip("CKAN=skip")
    with tempfile.TemporaryDirectory(prefix="portal-") as name:
        portal = Portal(Path(name), "")
        portal.control("install")
        try:
            portal.control("up", "--port", "0")
            yield Portal(portal.folder, portal._written()["url"])
        finally:
            portal.control("down")


@pytest.fixture(scope="module")
def empty_portal(portal: Portal) -> Portal:
    """The portal as it was founded: every server up, no plugin or setting of an earlier module, no data."""
    portal.set_back()
    return portal
