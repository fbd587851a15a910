"""What a quality check takes: ours, DuckDB's own scan, Great Expectations' pandas engine, and frictionless.

`python -m tests.benchmarks.quality_check` holds the ratios against the project's promises; it ends with 1 where one is
broken. `opendata check`, which looks for more than any of them, is held against DuckDB; for the rules that the two
others have, too, our scan of these alone is held against them: that texts are of their types, and the constraints.
Ours is a whole process, from its start; of Great Expectations the validation alone counts, of a data frame that is in
memory already. A second ratio has the constraints alone on both sides, for who leaves the types to the conversion.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import permit_table
from tests.benchmarks.measuring import MEBIBYTE, RUNS, alternate, run_process

OPENDATA = str(Path(sys.executable).with_name("opendata"))
_RUNS = min(3, RUNS)


@dataclass(frozen=True)
class Tables:
    """The table as Parquet and as CSV, which frictionless reads by itself, and its schema."""

    folder: Path
    rows: int

    @property
    def schema(self) -> Path:
        """The Table Schema of 30 constraints."""
        return self.folder / "permits.schema.json"

    @property
    def parquet(self) -> Path:
        """All rows."""
        return self.folder / "permits.parquet"

    @property
    def csv(self) -> Path:
        """The same."""
        return self.folder / "permits.csv"

    def write(self) -> None:
        """Write them all."""
        self.schema.write_text(json.dumps(permit_table.schema_of_thirty(), ensure_ascii=False), "utf-8")
        permit_table.write_parquet(self.parquet, self.rows)
        permit_table.write_csv(self.csv, self.rows)


def _check(data: Path, schema: Path) -> Callable[[], tuple[float, int]]:
    return lambda: run_process([OPENDATA, "check", "--data", str(data), "--schema", str(schema)])


def _program(name: str, *arguments: Path | str) -> Callable[[], tuple[float, int]]:
    return lambda: run_process([sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, arguments)])


def _by_expectations(tables: Tables) -> tuple[float, float]:
    """Seconds of the validations alone, as the program says, of types and constraints; once, for it takes minutes."""
    command = [sys.executable, "-m", "tests.benchmarks.check_by_expectations", str(tables.parquet), str(tables.schema)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TQDM_DISABLE": "1"})
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    if not found["success"]:
        raise SystemExit("Great Expectations found faults in a table that has none")
    return found["types"], found["constraints"]


def _against_others(tables: Tables) -> dict[str, float]:
    """How many times as long the others take for the rules that they have."""
    scan = _program("check_by_scan", tables.parquet, tables.schema)
    without_types = _program("check_by_scan", tables.parquet, tables.schema, "type")
    ours, constraints = alternate(scan, without_types, runs=_RUNS)
    print(f"  the rules of others too    {ours}")
    types, theirs = _by_expectations(tables)
    (frictionless,) = alternate(_program("check_by_frictionless", tables.csv, tables.schema), runs=1)
    figures = {}
    for name, seconds, least in (
        ("Great Expectations", types + theirs, 20),
        ("frictionless", frictionless.median, 50),
    ):
        figures[name] = seconds / ours.median
        print(f"  {name:<27}{seconds:.2f} s, {figures[name]:.1f} times as long  (promised {least})")
    figures["Great Expectations, no types"] = theirs / constraints.median
    print(f"  without types              {constraints}")
    print(f"  {'Great Expectations':<27}{theirs:.2f} s, {figures['Great Expectations, no types']:.1f} times as long")
    return figures


def main() -> int:
    """Measure; 0 where every promise is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quality-") as folder:
        tables = Tables(Path(folder), asked.rows)
        tables.write()
        size = tables.parquet.stat().st_size / MEBIBYTE
        print(f"quality check: {asked.rows} rows, 12 columns, 30 rules, {size:.0f} MiB of Parquet")
        scan = _program("duckdb_scan", tables.parquet, tables.schema)
        roofline, ours = alternate(scan, _check(tables.parquet, tables.schema), runs=_RUNS)
        ratio = ours.ratio(roofline)
        print(f"  DuckDB, one scan           {roofline}")
        print(f"  opendata check             {ours}")
        print(f"  ratio                      {ratio:.2f}  (limit 2)")
        others = _against_others(tables)
    kept = ratio <= 2 and ours.peak < 2048 * MEBIBYTE and others["Great Expectations"] >= 20
    figures = {"ratio": ratio, "memory": ours.peak, **others}
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0 if kept and others["frictionless"] >= 50 else 1


if __name__ == "__main__":
    sys.exit(main())
