"""What publishing to a real CKAN takes: our ways, ckanext-xloader, and ckanapi in batches, on one portal in one run.

`python -m tests.benchmarks.portal_loads` measures and holds the ratios against the project's promises; it ends with 1
where one is broken. A load is that of a CSV and its rows, by everybody: of the others from making the dataset until its
last row is there, verified by none; of ours (`load_csv_once`) from the preflight to the end of the proof, which reads
the file and every row as anybody. Reading, checking and packaging the source is done before. Beside it stands what
`opendata publish` takes for the whole release, from the start of the process: all seven files, and the other target.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks import permit_table, workspaces
from tests.benchmarks.portal_readers import OPENDATA, ORGANIZATION, POOL, running
from tests.ckan_office import PREFLIGHT
from tests.fault_proxy import FaultProxy
from tests.naive_publishers import CkanapiScript, NaivePublisher, XloaderPublisher
from tests.portal_factory import Portal

DATASET = "permits"
#: No portal's name: the proxy, which only counts here, is to change no address.
_NO_SITE = "http://unnamed.invalid"
_PLUGINS: Mapping[str, tuple[str, ...]] = {"plugin": ("release",), "stock": (), "xloader": ("xloader",), "ckanapi": ()}
_PATIENCE = 1_200.0


def _targets(way: str) -> dict[str, Any]:
    return {"ckan": {"organisation": ORGANIZATION, "way": way}}


@dataclass
class Office:
    """A workspace and its home, which is emptied for every trial."""

    folder: Path

    @property
    def places(self) -> list[str]:
        """Workspace and home, as words of a command."""
        return ["--workspace", str(self.root), "--home", str(self.home)]

    @property
    def root(self) -> Path:
        """The workspace."""
        return self.folder / "workspace"

    @property
    def home(self) -> Path:
        """Where its releases are."""
        return self.folder / "home"

    def publish(self, url: str = "", token: str = "") -> float:
        """Publish to the folder of files, and to a portal where one is given; the seconds that it took.

        Raises:
            SystemExit: it failed; with what it said.
        """
        started = time.perf_counter()
        self._run([OPENDATA, "publish", *self.places], url, token)
        return time.perf_counter() - started

    def load(self, url: str, token: str) -> float:
        """Load the newest release's CSV and its rows into a portal; the seconds that it took, as it says itself.

        Raises:
            SystemExit: it failed; with what it said.
        """
        program = [sys.executable, "-m", "tests.benchmarks.load_csv_once", str(self.root), str(self.home), DATASET]
        return float(self._run(program, url, token))

    @staticmethod
    def _run(command: Sequence[str], url: str, token: str) -> str:
        environment = {**os.environ, "CKAN_URL": url, "CKAN_TOKEN": token}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"publishing ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def make(self, edition: int, rows: int, way: str) -> Path:
        """Read, check and package an edition of the permit table, for a way to publish; the release's folder."""
        if edition == 1:
            shutil.rmtree(self.home, ignore_errors=True)
        workspaces.write_agency(self.root, _targets(way))
        source = workspaces.add_dataset(self.root, DATASET, 1, permit_table.schema())
        permit_table.write_csv(source, rows, edition)
        self.publish()
        return self.home / "releases" / DATASET / str(edition)


@dataclass
class Loads:
    """The trials on one portal; `seconds` of each, by what was done."""

    portal: Portal
    office: Office
    rows: int
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def begin(self, way: str) -> None:
        """Forget all data, and have just the plugins of a way."""
        self.portal.configure(POOL, plugins=_PLUGINS[way])
        self.portal.control("empty")
        # A thread of CKAN's whose connection was ended in a transaction answers its next request with 500.
        self.portal.control("kill", "ckan")
        self.portal.control("start", "ckan")

    def note(self, what: str, seconds: float) -> None:
        """Keep a measure, and show it."""
        self.seconds.setdefault(what, []).append(seconds)
        print(f"  {what:<42}{seconds:8.2f} s", flush=True)

    def median(self, what: str) -> float:
        """Median seconds."""
        return statistics.median(self.seconds[what])

    def publish(self) -> float:
        """Publish ours to the portal."""
        return self.office.publish(self.portal.url, self.portal.token("editor"))

    def ours(self, way: str, editions: int) -> None:
        """The first load by one of our ways, and then editions each of which changes a hundredth of the rows."""
        self.begin(way)
        for edition in range(1, editions + 1):
            self.office.make(edition, self.rows, way)
            seconds = self.office.load(self.portal.url, self.portal.token("editor"))
            self.note(f"{way}, first load" if edition == 1 else f"{way}, 1 % changed", seconds)

    def whole(self, way: str) -> int:
        """A release with all its files, from the start of the process; the requests of a further run."""
        self.begin(way)
        self.office.make(1, self.rows, way)
        self.note(f"{way}, opendata publish of all files", self.publish())
        return self.requests(way)

    def others(self, way: str) -> None:
        """The first load by what else there is."""
        self.begin(way)
        release = self.office.make(1, self.rows, "stock")
        access = (self.portal.url, self.portal.token("editor"), ORGANIZATION, DATASET)
        publisher: NaivePublisher
        if way == "xloader":
            publisher = XloaderPublisher(*access, roles=("csv",), patience=_PATIENCE)
        else:
            key = permit_table.schema()["primaryKey"]
            publisher = CkanapiScript(*access, roles=("csv",), patience=_PATIENCE, key=key)
        started = time.perf_counter()
        publisher.publish(release)
        self.note(f"{way}, first load", time.perf_counter() - started)

    def requests(self, way: str) -> int:
        """What publishing once more asks of the portal beside the preflight, nothing having changed."""
        preflight = PREFLIGHT if way == "plugin" else PREFLIGHT - 1  # which asks the plugin what it can
        with FaultProxy(self.portal.url, site=_NO_SITE) as proxy:
            self.office.publish(proxy.url, self.portal.token("editor"))
            return len(proxy.sent) - preflight

    def many(self, way: str, datasets: int) -> int:
        """Publish many small datasets, from their sources on, and once more; the requests of a third time."""
        self.begin(way)
        shutil.rmtree(self.office.folder, ignore_errors=True)
        workspaces.write_many(self.office.root, datasets, _targets(way))
        self.note(f"{way}, {datasets} small datasets", self.publish())
        self.note(f"{way}, {datasets} unchanged", self.publish())
        return self.requests(way)


@dataclass(frozen=True)
class Promise:
    """A figure and what it has to be at least or at most; neither where nothing is promised."""

    what: str
    figure: float
    least: float | None = None
    most: float | None = None

    @property
    def kept(self) -> bool:
        """Whether it is."""
        too_small = self.least is not None and self.figure < self.least
        return not too_small and (self.most is None or self.figure <= self.most)

    def __str__(self) -> str:
        bounds = [f"at {word} {bound:g}" for word, bound in (("least", self.least), ("most", self.most)) if bound]
        said = f"  ({bounds[0]}: {'kept' if self.kept else 'BROKEN'})" if bounds else ""
        return f"  {self.what:<58}{self.figure:8.2f}{said}"


def _table_promises(loads: Loads) -> list[Promise]:
    plugin, stock = loads.median("plugin, first load"), loads.median("stock, first load")
    return [
        Promise("first load: ckanext-xloader / plugin", loads.median("xloader, first load") / plugin, least=1.5),
        Promise("first load: ckanapi in batches / plugin", loads.median("ckanapi, first load") / plugin, least=10),
        Promise("first load / 1 % changed, both without plugin", stock / loads.median("stock, 1 % changed"), least=20),
        Promise("first load without plugin / 1 % changed with it", stock / loads.median("plugin, 1 % changed")),
    ]


def measure_table(loads: Loads, repeats: int) -> list[Promise]:
    """The permit table by every way in turn, so that the machine's drift meets all of them."""
    print(f"a first load of {loads.rows} rows × 12 columns, and changes of it")
    for turn in range(repeats):
        loads.ours("plugin", 2)
        loads.others("xloader")
        if turn == 0:
            loads.ours("stock", 1 + repeats)
            loads.others("ckanapi")
    requests = loads.whole("plugin")
    return [*_table_promises(loads), Promise("requests beside the preflight, unchanged", requests, most=1)]


def measure_many(loads: Loads, datasets: int) -> list[Promise]:
    """Many small datasets by both of our ways."""
    print(f"{datasets} small datasets, from their sources on")
    found = []
    for way in ("plugin", "stock"):
        requests = loads.many(way, datasets)
        seconds = loads.median(f"{way}, {datasets} small datasets")
        found.append(Promise(f"{way}: seconds a small dataset", seconds / datasets, most=1))
        found.append(Promise(f"{way}: requests for each one unchanged", requests / datasets, most=1))
    return found


def main() -> int:
    """Measure what is asked for; 0 where every promise is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the permit table, a multiple of 1,000")
    parser.add_argument("--repeats", type=int, default=3, help="loads by our plugin and by ckanext-xloader")
    parser.add_argument("--datasets", type=int, default=100, help="small datasets")
    parser.add_argument("--only", choices=["table", "many"])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    asked = parser.parse_args()
    promises = []
    with tempfile.TemporaryDirectory(prefix="loads-") as name:
        Path(name).chmod(0o711)  # PostgreSQL's account passes through it
        with running(Path(name) / "portal") as portal:
            loads = Loads(portal, Office(Path(name) / "office"), asked.rows)
            if asked.only != "many":
                promises += measure_table(loads, asked.repeats)
            if asked.only != "table":
                promises += measure_many(loads, asked.datasets)
    print("\n".join(map(str, promises)))
    if asked.json:
        figures = {"seconds": loads.seconds, "promises": {one.what: [one.figure, one.kept] for one in promises}}
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return 0 if all(one.kept for one in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
