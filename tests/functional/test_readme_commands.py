"""Every command that the README shows is run as it stands there, on this workspace and with a home of its own."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
#: Commands that would run this test again, or for minutes; that the Makefile has them is asserted below.
NOT_RUN = {"make test", "make faults", "make bench", "make serve"}


def _shown() -> list[str]:
    """What stands as code and begins with one of the two programs, in the order of the page, once each."""
    fenced = [
        line.split("#")[0].strip()
        for block in re.findall(r"```\n(.*?)```", README, re.S)
        for line in block.splitlines()
    ]
    inline = re.findall(r"`((?:make|opendata)[^`]*)`", README)
    wanted = [command for command in [*fenced, *inline] if re.match(r"(make|opendata) [a-z]", command)]
    return list(dict.fromkeys(wanted))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("readme") / "var"
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    # The calling make's own variables would make its children run on the same job server and targets.
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return {**clean, "OPENDATA_HOME": str(home), "PATH": path}


@pytest.fixture
def trial_portal(environment: dict[str, str]) -> Iterator[None]:
    """The portal for trials is left as it was found: running, or not."""
    ran_before = _run("python3 platforms/ckan/portal.py status", environment).returncode == 0
    yield
    if not ran_before:
        assert _run("make portal-down", environment).returncode == 0


@pytest.fixture(scope="module")
def filled(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What stands in the README for a name of the reader's own."""
    folder = tmp_path_factory.mktemp("files")
    library = ROOT / "tests/workspaces/library-board"
    return {
        "--data FILE": f"--data {ROOT / 'resource_catalog/samples/data/division-codes.csv'}",
        "--schema FILE": f"--schema {ROOT / 'schemas/division-codes.schema.json'}",
        "check ID --explain": "check power-list --explain",
        "--workbook DIR": f"--workbook {folder / 'workbooks'}",
        "PAGE.html": str(folder / "page.html"),
        "LEDGER.xlsx": str(folder / "ledger.xlsx"),
        "bureau add ID --title TEXT": "bureau add water --title 水务局",
        "NEEDS.xlsx": str(folder / "needs.xlsx"),
        "FILE.xlsx": str(folder / "catalogue.xlsx"),
        "--save FILE": f"--save {folder / 'plan.json'}",
        "--plan FILE": f"--plan {folder / 'plan.json'}",
        "WORKSPACE=folder": f"WORKSPACE={library} OPENDATA_HOME={folder / 'library'}",
        "withdraw ID": "withdraw power-list",
        "rollback ID": "rollback power-list",
        "--reason TEXT": "--reason 'tried out'",
    }


def _run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def test_the_readme_shows_the_two_commands_and_more() -> None:
    commands = _shown()
    assert commands[:2] == ["make publish", "make serve"]
    assert len(commands) > 12


def test_makefile_has_every_target_of_the_readme() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert {command.split()[1] for command in _shown() if command.startswith("make")} <= targets


@pytest.mark.usefixtures("trial_portal")
def test_every_command_runs_as_shown(environment: dict[str, str], filled: dict[str, str]) -> None:
    # Withdrawing comes before putting back, for a first release has none before it.
    commands = sorted((command for command in _shown() if command not in NOT_RUN), key=lambda one: "rollback" in one)
    for command in commands:
        for name, value in filled.items():
            command = command.replace(name, value)
        done = _run(command, environment)
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])


def test_make_serve_answers(environment: dict[str, str]) -> None:
    assert _run("make publish", environment).returncode == 0
    command = [str(ROOT / ".venv/bin/opendata"), "serve", "--port", "0", "--sharing-port", "0", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            lines = "".join(itertools.takewhile(lambda line: line != "}\n", server.stdout))
            address = json.loads(lines + "}")["address"]
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert "行政许可信息" in answer.read().decode()
        finally:
            server.terminate()
            assert server.wait(timeout=30) == 143


def test_second_publish_writes_nothing(environment: dict[str, str]) -> None:
    home = Path(environment["OPENDATA_HOME"])
    assert _run("make publish", environment).returncode == 0

    def state() -> dict[str, tuple[int, int]]:
        # Whoever reads the servers' log touches what SQLite shares beside it (-shm), which is memory and no data.
        found = (path for path in home.rglob("*") if not path.name.endswith("-shm"))
        return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in found}

    before = state()
    time.sleep(0.05)
    assert _run("make publish", environment).returncode == 0
    assert state() == before
