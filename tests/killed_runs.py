"""Kills a command at its first, second, third … step on the disk, and says what readers have then and a rerun makes.

A program of its own, since what it forks must have no thread of DuckDB's: `python -m tests.killed_runs FOLDER WORD…`
takes an office's folder as `make_port_office` makes it and prints a JSON list with one object a step.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pipelines.commands.publish
import pipelines.stages.extract  # noqa: F401  imported before the first fork, so that each child starts at once
from pipelines.ledger import Act, Ledger, open_ledger
from pipelines.targets.sharing.delta_log import last_version
from pipelines.targets.sharing.records import tables_folder, tables_of
from tests.workspace_factory import PortOffice, contents, run_command, snapshot

_STEPS = {"os.rename", "os.link", "os.symlink", "os.mkdir", "os.chmod", "os.remove", "os.rmdir", "shutil.rmtree"}
_LINK = re.compile(r'(?:href|src)="([^"#?:]+)(?:[#?][^"]*)?"')


class _Countdown:
    """Ends the process at the n-th step.

    A step is a change below the home, or the moment before or after an act of the ledger; of the changes in a draft,
    which no reader and no later run looks at, every twenty-fifth is one.
    """

    def __init__(self, home: Path, number: int) -> None:
        self.home, self.left = str(home), number
        self.aside = 0

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        paths = [str(argument) for argument in arguments if self.home in str(argument)]
        if not paths or not self._changes(event, arguments):
            return
        if {".draft", "work"} & set(Path(paths[-1].partition(self.home)[2]).parent.parts):
            self.aside += 1
            if self.aside % 25:
                return
        self.step()

    @staticmethod
    def _changes(event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
        if event == "os.mkdir":  # also where the folder is there already
            return not Path(str(arguments[0])).exists()
        if event in {"os.remove", "shutil.rmtree"}:  # also where nothing is
            return os.path.lexists(arguments[0])
        return event in _STEPS

    def install(self) -> None:
        append = Ledger.append

        def appended(ledger: Ledger, *acts: Act) -> None:
            self.step()
            append(ledger, *acts)
            self.step()

        Ledger.append = appended  # type: ignore[method-assign]
        sys.addaudithook(self.audit)


def _in_child(work: Callable[[], Any]) -> Any:
    """What the work gives in a process of its own; "killed" where that was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as stream:
            json.dump(work(), stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return json.loads(said)


def release_faults(folder: Path) -> list[str]:
    """What a release's folder lacks or has otherwise than its SHA256SUMS says."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        return [f"{folder} has no SHA256SUMS"]
    lines = [line.split("  ", 1) for line in sums.read_text("utf-8").splitlines()]
    return [
        f"{folder / path} is not whole"
        for digest, path in lines
        if not (folder / path).is_file() or hashlib.sha256((folder / path).read_bytes()).hexdigest() != digest
    ]


def portal_faults(office: PortOffice) -> list[str]:
    """What a reader of the portal would find broken: a dataset, a release, a link of a page, a line of the index."""
    faults = []
    datasets = office.portal / "dataset"
    shown = [path for path in datasets.glob("*") if not path.name.startswith(".")] if datasets.is_dir() else []
    for dataset in shown:
        about = json.loads((dataset / "about.json").read_bytes())
        numbered = [path for path in dataset.iterdir() if path.name.isdigit() or path.name == "latest"]
        faults += [fault for folder in numbered for fault in release_faults(folder)]
        if about["form"] == "release" and {"latest", str(about["release"])} - {path.name for path in numbered}:
            faults.append(f"{dataset.name} lacks its release")
        faults += _dead_links(dataset / "index.html")
    if not (office.portal / "index.html").exists():
        return faults  # of the first run ever, before there is a portal to be found
    for page in office.portal.glob("*.html"):
        faults += _dead_links(page)
    listed = json.loads((office.portal / "index.json").read_bytes())["datasets"]
    return faults + [f"{line['id']} is listed and not there" for line in listed if not (datasets / line["id"]).exists()]


def _dead_links(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    if not text.rstrip().endswith("</html>"):
        return [f"{page} is cut short"]
    if page.name == "404.html":
        return []  # its links start from the portal's address, wherever it is served
    # A browser takes ".." off the address, where the system would follow it from the link's goal.
    goals = {link: Path(os.path.normpath(page.parent / link)) for link in _LINK.findall(text)}
    return [f"{page.parent.name}/{page.name} → {link}" for link, goal in goals.items() if not goal.exists()]


def store_faults(office: PortOffice) -> list[str]:
    """Releases in the store that are not whole."""
    stores = (office.home / "releases", office.home / "shared")
    folders = [path for store in stores for path in store.glob("*/*") if path.name.isdigit()]
    return [fault for folder in folders for fault in release_faults(folder)]


def sharing_faults(office: PortOffice) -> list[str]:
    """What a bureau would find broken: a file of a table that is not whole, a version that is not in the log."""
    faults = []
    for table in tables_of(office.home / "sharing"):
        folder = tables_folder(office.home / "sharing") / table.id
        if table.retired_at is not None or table.current_version is None:
            continue
        if (last_version(folder) or 0) < table.current_version:
            faults.append(f"{table.dataset}: version {table.current_version} is not in the log")
        for one in table.files:
            file = folder / one.path
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != one.sha256:
                faults.append(f"{table.dataset}: {one.path} is not whole")
    return faults


def _shared(office: PortOffice) -> list[str]:
    """What bureaus read, and have a receipt of; a table's own name is another each time."""
    store = office.home / "sharing"
    said = []
    for table in tables_of(store):
        if table.current is None or table.retired_at is not None:
            continue
        receipt = (store / "receipts" / table.id / f"{table.current_version}.json").is_file()
        said.append(
            f"{table.dataset} {table.policy.identity} {table.current.digest} {table.current.rows_digest} {receipt}"
        )
    return sorted(said)


def state_of(office: PortOffice) -> dict[str, Any]:
    """All that must be the same whether a run was killed or not: releases, what readers find, what the ledger says."""
    releases = contents(office.home / "releases") if (office.home / "releases").is_dir() else {}
    shown = {name: content for name, content in contents(office.portal).items() if not name.startswith("versions/")}
    acts = open_ledger(None, office.home / "ledger.sqlite").acts()
    return {
        "releases": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(releases.items())},
        "portal": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(shown.items())},
        "acts": sorted(f"{act.act} {act.dataset} {act.release} {act.target} {act.digest}" for act in acts),
        "shares": _shared(office),
        "asides": [
            str(path)
            for part in ("releases", "portal", "shared", "sharing")
            for path in (office.home / part).rglob(".*")
        ],
    }


def _differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    said = []
    for part in expected:
        here, there = set(_lines(expected[part])), set(_lines(found[part]))
        said += [f"{part} lacks {line}" for line in sorted(here - there)]
        said += [f"{part} has beyond {line}" for line in sorted(there - here)]
        if len(expected[part]) != len(found[part]) and not said:
            said.append(f"{part} has a line twice")
    return said


def _lines(part: Any) -> list[str]:
    return [f"{key} {value}" for key, value in part.items()] if isinstance(part, dict) else part


def _rerun(office: PortOffice, words: list[str], again: list[str]) -> dict[str, Any]:
    """Once more to complete, and a third time, which must write nothing."""
    second = run_command(*words)
    if second.code == 2 and words != again:  # a recall that was done already says so
        second = run_command(*again)
    state = state_of(office)
    before = snapshot(office.home)
    third = run_command(*again)
    return {
        "codes": [second.code, third.code],
        "said": second.err[-500:] if second.code else "",
        "state": state,
        "rested": snapshot(office.home) == before,
    }


def kill_everywhere(folder: Path, words: list[str]) -> list[dict[str, Any]]:
    """The outcome of every step at which the command can be killed, the undisturbed run last."""
    office = PortOffice(folder / "workspace", folder / "home")
    places = ["--workspace", str(office.root), "--home", str(office.home), "--json"]
    kept = folder / "home.kept"
    if office.home.exists():
        shutil.copytree(office.home, kept, symlinks=True)
    outcomes: list[dict[str, Any]] = []
    ended: Any = "killed"
    while ended == "killed":
        shutil.rmtree(office.home, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, office.home, symlinks=True)
        number = len(outcomes) + 1

        def killed(number: int = number) -> int:
            _Countdown(office.home, number).install()
            return run_command(*words, *places).code

        ended = _in_child(killed)
        faults = portal_faults(office) + store_faults(office) + sharing_faults(office)
        rerun = _in_child(lambda: _rerun(office, [*words, *places], ["publish", *places]))
        faults += portal_faults(office) + store_faults(office) + sharing_faults(office)
        outcomes.append({"step": number, "ended": ended, "faults": faults, **rerun})
    expected = outcomes[-1]["state"]
    for outcome in outcomes:
        outcome["differs"] = _differences(expected, outcome.pop("state"))
    return outcomes


if __name__ == "__main__":
    print(json.dumps(kill_everywhere(Path(sys.argv[1]), sys.argv[2:]), ensure_ascii=False))
