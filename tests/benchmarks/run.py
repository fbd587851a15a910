"""`make bench`: what the pipeline takes, as ratios against what DuckDB alone takes in the same run, medians of five.

And what publishing to a real CKAN takes, beside other loaders on the same portal (portal_loads.py), unless CKAN=skip.

Every measured run is a process of its own, so that peak memory is that run's. The limits are the project's promises;
the program ends with 1 where one is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import permit_table
import workspaces

HERE = Path(__file__).parent
OPENDATA = str(Path(sys.executable).with_name("opendata"))
RUNS = 5
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Measure:
    """Seconds of wall time and peak memory in bytes of each run."""

    seconds: list[float]
    memory: list[int]

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)

    @property
    def peak(self) -> int:
        """The largest peak memory."""
        return max(self.memory)

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        return f"{self.median:.2f} s (of {low:.2f} … {high:.2f}), at most {self.peak // MEBIBYTE} MiB"


def _run(command: list[str]) -> tuple[float, int]:
    """Seconds and peak memory of one process; what it said is shown if it fails."""
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{command} ended with {process.returncode}:\n{log.read().decode()}")
    return seconds, usage.ru_maxrss * 1024


def _alternate(*works: Callable[[], tuple[float, int]]) -> list[Measure]:
    """Run each work RUNS times, in turn, so that the machine's drift meets all of them."""
    found: list[list[tuple[float, int]]] = [[] for _ in works]
    for _ in range(RUNS):
        for position, work in enumerate(works):
            found[position].append(work())
    return [Measure([seconds for seconds, _ in one], [memory for _, memory in one]) for one in found]


def _in_new_folder(program: str, *arguments: Path, scratch: Path) -> Callable[[], tuple[float, int]]:
    def work() -> tuple[float, int]:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            return _run([sys.executable, str(HERE / program), *map(str, arguments), folder])

    return work


def bench_build(scratch: Path, rows: int) -> dict[str, object]:
    """Extract, check and package a permit table, against DuckDB reading it and writing each format once."""
    root = scratch / "permits"
    workspaces.write_agency(root)
    source = workspaces.add_dataset(root, "permits", 1, permit_table.schema())
    permit_table.write_csv(source, rows)
    print(f"permit table: {rows} rows, 12 columns, {source.stat().st_size / MEBIBYTE:.0f} MiB of CSV")
    roofline, pipeline = _alternate(
        _in_new_folder("duckdb_alone.py", source, scratch=scratch),
        _in_new_folder("build_once.py", root, scratch=scratch),
    )
    ratio = statistics.median(ours / theirs for ours, theirs in zip(pipeline.seconds, roofline.seconds, strict=True))
    print(f"  DuckDB alone               {roofline}")
    print(f"  extract + check + package  {pipeline}")
    print(f"  ratio                      {ratio:.2f}  (limit 3)")
    return {"ratio": ratio, "memory": pipeline.peak, "ok": ratio <= 3 and pipeline.peak < 2048 * MEBIBYTE}


def bench_unchanged(scratch: Path, datasets: int) -> dict[str, object]:
    """Publish a workspace in which nothing moved."""
    root = scratch / "many"
    workspaces.write_many(root, datasets)
    command = [OPENDATA, "publish", "--workspace", str(root)]
    first, _memory = _run(command)
    (again,) = _alternate(lambda: _run(command))
    print(f"publish {datasets} small datasets")
    print(f"  the first time             {first:.1f} s")
    print(f"  unchanged                  {again}  (limit 15 s)")
    return {"first": first, "unchanged": again.median, "ok": again.median <= 15}


def bench_help() -> dict[str, object]:
    """How soon the command line answers."""
    (answer,) = _alternate(lambda: _run([OPENDATA, "--help"]))
    print(f"opendata --help              {answer}  (limit 0.3 s)")
    return {"seconds": answer.median, "ok": answer.median <= 0.3}


def bench_portal() -> dict[str, object]:
    """A real CKAN: our ways beside other loaders, by a program of its own."""
    if os.environ.get("CKAN") == "skip":
        return {"ok": True}
    with tempfile.NamedTemporaryFile(suffix=".json") as figures:
        command = [sys.executable, "-m", "tests.benchmarks.portal_loads", "--json", figures.name]
        done = subprocess.run(command, cwd=HERE.parents[1])
        found = json.loads(Path(figures.name).read_bytes() or b"{}")
    return {**found, "ok": done.returncode == 0}


def main() -> int:
    """Run the benchmarks; 0 where every promise is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of the permit table")
    parser.add_argument("--datasets", type=int, default=1_000, help="datasets of the unchanged workspace")
    parser.add_argument("--only", choices=["build", "unchanged", "help", "ckan"])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    figures: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        works: dict[str, Callable[[], dict[str, object]]] = {
            "help": bench_help,
            "build": lambda: bench_build(Path(folder), arguments.rows),
            "unchanged": lambda: bench_unchanged(Path(folder), arguments.datasets),
            "ckan": bench_portal,
        }
        for name, work in works.items():
            if arguments.only in (None, name):
                figures[name] = work()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"(the benchmark itself held {own} MiB)")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0 if all(figure["ok"] for figure in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
