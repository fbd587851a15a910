"""`make bench`: what the pipeline takes, as ratios against what DuckDB alone takes in the same run, medians of five.

And what a quality check takes beside other checkers (quality_check.py), what bureaus wait for at the sharing server
(sharing_server.py), what its memory does under many readers (sharing_memory.py), and what publishing to a real CKAN
takes beside other loaders on the same portal (portal_loads.py), unless CKAN=skip.

Every measured run is a process of its own, so that peak memory is that run's. The limits are the project's promises;
the program ends with 1 where one is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import permit_table, workspaces
from tests.benchmarks.measuring import MEBIBYTE, alternate, run_process

HERE = Path(__file__).parent
OPENDATA = str(Path(sys.executable).with_name("opendata"))


def _in_new_folder(program: str, *arguments: Path, scratch: Path) -> Callable[[], tuple[float, int]]:
    def work() -> tuple[float, int]:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            return run_process([sys.executable, str(HERE / program), *map(str, arguments), folder])

    return work


def bench_build(scratch: Path, rows: int) -> dict[str, object]:
    """Extract, check and package a permit table, against DuckDB reading it and writing each format once."""
    root = scratch / "permits"
    workspaces.write_agency(root)
    source = workspaces.add_dataset(root, "permits", 1, permit_table.schema())
    permit_table.write_csv(source, rows)
    print(f"permit table: {rows} rows, 12 columns, {source.stat().st_size / MEBIBYTE:.0f} MiB of CSV")
    roofline, pipeline = alternate(
        _in_new_folder("duckdb_alone.py", source, scratch=scratch),
        _in_new_folder("build_once.py", root, scratch=scratch),
    )
    ratio = pipeline.ratio(roofline)
    print(f"  DuckDB alone               {roofline}")
    print(f"  extract + check + package  {pipeline}")
    print(f"  ratio                      {ratio:.2f}  (limit 3)")
    return {"ratio": ratio, "memory": pipeline.peak, "ok": ratio <= 3 and pipeline.peak < 2048 * MEBIBYTE}


def bench_unchanged(scratch: Path, datasets: int) -> dict[str, object]:
    """Publish a workspace in which nothing moved."""
    root = scratch / "many"
    workspaces.write_many(root, datasets)
    command = [OPENDATA, "publish", "--workspace", str(root)]
    first, _memory = run_process(command)
    (again,) = alternate(lambda: run_process(command))
    print(f"publish {datasets} small datasets")
    print(f"  the first time             {first:.1f} s")
    print(f"  unchanged                  {again}  (limit 15 s)")
    return {"first": first, "unchanged": again.median, "ok": again.median <= 15}


def bench_help() -> dict[str, object]:
    """How soon the command line answers."""
    (answer,) = alternate(lambda: run_process([OPENDATA, "--help"]))
    print(f"opendata --help              {answer}  (limit 0.3 s)")
    return {"seconds": answer.median, "ok": answer.median <= 0.3}


def _by_program(name: str, *arguments: str) -> dict[str, object]:
    """What a benchmark that is a program of its own found."""
    with tempfile.NamedTemporaryFile(suffix=".json") as figures:
        command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments, "--json", figures.name]
        done = subprocess.run(command, cwd=HERE.parents[1])
        found = json.loads(Path(figures.name).read_bytes() or b"{}")
    return {**found, "ok": done.returncode == 0}


def bench_portal() -> dict[str, object]:
    """A real CKAN: our ways beside other loaders."""
    return {"ok": True} if os.environ.get("CKAN") == "skip" else _by_program("portal_loads")


def main() -> int:
    """Run the benchmarks; 0 where every promise is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of the permit table")
    parser.add_argument("--datasets", type=int, default=1_000, help="datasets of the unchanged workspace")
    parser.add_argument("--checked", type=int, default=5_000_000, help="rows of the table whose quality is checked")
    parser.add_argument("--shared", type=int, default=2_000_000, help="rows of the table that is shared")
    parser.add_argument("--read", type=int, default=5_000_000, help="rows of the table that the stock client reads")
    parser.add_argument("--tables", type=int, default=1_000, help="shared tables of the store under load")
    parser.add_argument("--seconds", type=float, default=20, help="how long the store is under load")
    parser.add_argument("--clients", type=int, default=20, help="who reads at once while memory is looked at")
    names = ["build", "unchanged", "help", "quality", "sharing", "server", "memory", "ckan"]
    parser.add_argument("--only", choices=names)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    figures: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        works: dict[str, Callable[[], dict[str, object]]] = {
            "help": bench_help,
            "build": lambda: bench_build(Path(folder), arguments.rows),
            "unchanged": lambda: bench_unchanged(Path(folder), arguments.datasets),
            "quality": lambda: _by_program("quality_check", "--rows", str(arguments.checked)),
            "sharing": lambda: _by_program("shared_tables", "--rows", str(arguments.shared)),
            "server": lambda: _by_program(
                "sharing_server",
                *("--rows", str(arguments.read)),
                *("--tables", str(arguments.tables)),
                *("--seconds", str(arguments.seconds)),
            ),
            "memory": lambda: _by_program("sharing_memory", "--clients", str(arguments.clients)),
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
