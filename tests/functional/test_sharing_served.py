"""`opendata serve` starts the sharing server beside the portal, and ends it with itself."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.sharing_store import SharingStore

OPENDATA = str(Path(sys.executable).with_name("opendata"))
ROOT = Path(__file__).parents[2]


def _serve(home: Path) -> subprocess.Popen[str]:
    command = [OPENDATA, "serve", "--port", "0", "--sharing-port", "0", "--home", str(home), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _told(process: subprocess.Popen[str]) -> dict[str, str | None]:
    """The JSON document that is printed first, over several lines."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        try:
            found: dict[str, str | None] = json.loads(text)
        except ValueError:
            continue
        return found
    raise AssertionError(text)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "index.html").write_text("portal", "utf-8")
    return tmp_path


def test_the_sharing_server_runs_beside_the_portal_and_ends_with_it(home: Path) -> None:
    SharingStore(home / "sharing")
    with _serve(home) as process:
        told = _told(process)
        endpoint = told["sharing"]
        assert endpoint is not None
        assert endpoint.endswith("/delta-sharing")
        assert (_status(str(told["address"])), _status(f"{endpoint}/shares")) == (200, 401)
        process.terminate()
    for _ in range(100):
        try:
            _status(f"{endpoint}/shares")
        except urllib.error.URLError:
            return
        time.sleep(0.1)
    raise AssertionError("the sharing server goes on alone")


def test_without_anything_shared_the_portal_is_served_alone(home: Path) -> None:
    with _serve(home) as process:
        told = _told(process)
        assert told["sharing"] is None
        assert _status(str(told["address"])) == 200
        process.terminate()
