"""What readers of a real CKAN get while releases are published, side by side: naive script, ckanext-xloader, and ours.

`python -m tests.benchmarks.portal_readers` makes the releases of a small dataset, then publishes them by one way after
the other under readers who judge every answer, and prints one line a way. The first line is of readers alone.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.benchmarks.workspaces import add_dataset
from tests.known_releases import FILES_BY_ROLE, known_release, write_known
from tests.naive_publishers import CkanapiScript, NaivePublisher, PublisherHangs, XloaderPublisher
from tests.portal_factory import Portal
from tests.reader_crowd import ReaderCrowd
from tests.reader_report import Report
from tests.release_verdicts import Verdict

ROOT = Path(__file__).parents[2]
OPENDATA = str(Path(sys.executable).with_name("opendata"))
DATASET, ORGANIZATION, TODAY = "licences", "own-agency", "2026-11-24"
SCHEMA: Mapping[str, Any] = {
    "fields": [
        {"name": "许可决定书文号", "constraints": {"required": True}},
        {"name": "行政相对人名称"},
        {"name": "许可决定日期", "type": "date"},
        {"name": "金额", "type": "number"},
        {"name": "页数", "type": "integer"},
        {"name": "有效", "type": "boolean"},
    ],
    "primaryKey": ["许可决定书文号"],
}
#: Plugins that the portal has for a way, and which of our ways is asked for.
WAYS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "nobody": ((), ""),
    "ckanapi": ((), ""),
    "xloader": (("xloader",), ""),
    "stock": ((), "stock"),
    "plugin": (("release",), "plugin"),
}
#: For every way as wide a pool as our plugin sets where the portal sets nothing.
POOL = "ckan.datastore.sqlalchemy.pool_size=20"
_QUIET_SECONDS = 20.0
_PATIENCE = 60.0  # seconds that a naive publisher is waited for


def write_source(file: Path, number: int, rows: int) -> None:
    """The source of release `number`: against the one before, a hundredth of the rows is new and a quarter changed."""
    first = number * max(1, rows // 100)
    day = datetime.date(2017, 1, 1)
    lines = [",".join(one["name"] for one in SCHEMA["fields"])]
    for row in range(first, first + rows):
        edition = (number + row) // 4
        decided = day + datetime.timedelta(days=row % 300)
        cells = (
            f"许字〔2017〕{row:07d}号",
            f"示例{row % 977}有限公司",
            decided,
            f"{edition}.{row % 100:02d}",
            row % 50,
        )
        lines.append(",".join([*map(str, cells), "true" if edition % 2 else "false"]))
    file.write_text("\n".join(lines) + "\n", "utf-8")


@dataclass
class Office:
    """A workspace of the one dataset, whose releases are made in `home` and published from a home for each way."""

    folder: Path
    rows: int
    source: Path = field(init=False)

    def __post_init__(self) -> None:
        for name in ("resource_catalog/entries", "resource_catalog/samples", "schemas"):
            (self.root / name).mkdir(parents=True)
        self.source = add_dataset(self.root, DATASET, 1, dict(SCHEMA))
        self.agency({})

    @property
    def root(self) -> Path:
        """The workspace."""
        return self.folder / "workspace"

    def agency(self, ckan: Mapping[str, Any]) -> None:
        """Write the agency, with what it says of its portal."""
        named = {"id": "example", "name": "示例局", "code": "11310000MB00000000"}
        text = json.dumps({**named, "targets": {"ckan": ckan}}, ensure_ascii=False)
        (self.root / "resource_catalog" / "agency.yaml").write_text(text, "utf-8")

    def publish(self, number: int, home: str, environment: Mapping[str, str]) -> Path:
        """Publish release `number` from a home; its folder."""
        write_source(self.source, number, self.rows)
        places = ["--workspace", str(self.root), "--home", str(self.folder / home)]
        own = {"OPENDATA_TODAY": TODAY, **environment}
        done = subprocess.run([OPENDATA, "publish", *places], env={**os.environ, **own}, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"publishing release {number} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return self.folder / home / "releases" / DATASET / str(number)


@contextmanager
def running(folder: Path) -> Iterator[Portal]:
    """A portal on free ports, ended afterwards."""
    portal = Portal(folder, "")
    portal.control("install")
    portal.control("up", "--port", "0")
    try:
        yield replace(portal, url=json.loads((folder / "portal.json").read_bytes())["url"])
    finally:
        portal.control("down")


def _prepare(portal: Portal, plugins: Sequence[str]) -> None:
    """Forget all data, and have just these plugins, with the SQL search on, so that it is read too."""
    portal.configure("ckan.datastore.sqlsearch.enabled=true", POOL, plugins=tuple(plugins))
    portal.control("empty")


def _publisher(way: str, office: Office, portal: Portal, releases: Sequence[Path]) -> Callable[[int], None]:
    """What publishes a release by its number, in a way."""
    _plugins, ours = WAYS[way]
    if ours:
        reached = {"CKAN_URL": portal.url, "CKAN_TOKEN": portal.token("editor")}
        office.agency({"organisation": ORGANIZATION, "way": ours, "allow_sql_search": True})
        return lambda number: _assert_same(office.publish(number, way, reached), releases[number - 1])
    maker: type[NaivePublisher] = XloaderPublisher if way == "xloader" else CkanapiScript
    naive = maker(portal.url, portal.token("administrator"), ORGANIZATION, DATASET, patience=_PATIENCE)
    return lambda number: naive.publish(releases[number - 1])


def _assert_same(ours: Path, known: Path) -> None:
    """What readers are judged by is what was published."""
    if (ours / "SHA256SUMS").read_bytes() != (known / "SHA256SUMS").read_bytes():
        raise SystemExit(f"{ours} and {known} are not the same release")


@dataclass(frozen=True)
class Trial:
    """One way under readers: what they got, the seconds that a release took, and why it ended early, if it did."""

    way: str
    releases: int
    seconds: float
    report: Report
    hung: str = ""

    def line(self) -> str:
        """A line of the table in Markdown."""
        verdicts = ("mixed", "empty", "error", "stall", "outrun")
        counts = [str(self.report.total(Verdict(verdict))) for verdict in verdicts]
        slowest = f"{max(self.report.slowest.values()):.2f}"
        figures = [
            self.way,
            f"{self.releases}{' (hung)' if self.hung else ''}",
            self.report.readers,
            self.report.reads,
            self.report.wrong,
            *counts,
            slowest,
        ]
        return "| " + " | ".join(map(str, [*figures, f"{self.seconds:.2f}"])) + " |"

    def document(self) -> dict[str, Any]:
        """The trial as JSON."""
        figures = {"releases": self.releases, "seconds": self.seconds, "hung": self.hung}
        return {**figures, "report": self.report.document()}


TITLES = ("way", "releases", "readers", "reads", "wrong", "mixed", "empty", "error", "stall", "outrun")
HEAD = [f"| {' | '.join([*TITLES, 'slowest s', 's per release'])} |", "|" + " --- |" * (len(TITLES) + 2)]


def _known(folder: Path, way: str, releases: Sequence[Path]) -> Path:
    """The releases as readers of that way may see them: the naive ones leave most files out."""
    roles = tuple(FILES_BY_ROLE) if WAYS[way][1] else NaivePublisher.roles
    for release in releases:
        write_known(folder / way, known_release(release, roles))
    return folder / way


def try_way(way: str, office: Office, portal: Portal, releases: Sequence[Path], crowd: Mapping[str, Any]) -> Trial:
    """Publish all releases in a way; readers begin after the first."""
    _prepare(portal, WAYS[way][0])
    publish = _publisher(way, office, portal, releases)
    publish(1)
    numbers = range(2, len(releases) + 1) if way != "nobody" else range(0)
    done, hung = 0, ""
    with ReaderCrowd(portal.url, DATASET, _known(office.folder / "known", way, releases), **crowd) as readers:
        started = time.monotonic()
        try:
            for number in numbers:
                publish(number)
                done += 1
        except PublisherHangs as hangs:
            hung = str(hangs)
        seconds = (time.monotonic() - started) / max(1, done)
        if way == "nobody":
            time.sleep(_QUIET_SECONDS)
    if hung:  # what hangs in CKAN ends with it alone
        portal.control("kill", "ckan", "worker")
        portal.control("start", "ckan", "worker")
    return Trial(way, done, seconds, readers.report, hung)


def main() -> int:
    """Try every way that is asked for; 0 where ours with the plugin gave no wrong read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=50)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between a reader's rounds")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--json", type=Path, help="also write the reports to this file")
    asked = parser.parse_args()
    trials = []
    with tempfile.TemporaryDirectory(prefix="readers-") as name:
        Path(name).chmod(0o711)  # PostgreSQL's account passes through it
        office = Office(Path(name), asked.rows)
        # Without a portal, the embedded targets only: the same input gives the same releases later.
        alone = {"CKAN_URL": "", "CKAN_TOKEN": ""}
        releases = [office.publish(number, "home", alone) for number in range(1, asked.releases + 1)]
        with running(office.folder / "portal") as portal:
            print("\n".join(HEAD), flush=True)
            for way in asked.ways.split(","):
                crowd = {"readers": asked.readers, "pause": asked.pause}
                trials.append(try_way(way, office, portal, releases, crowd))
                print(trials[-1].line(), flush=True)
    if asked.json:
        documents = {trial.way: trial.document() for trial in trials}
        asked.json.write_text(json.dumps(documents, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return 1 if any(trial.way == "plugin" and trial.report.wrong for trial in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
