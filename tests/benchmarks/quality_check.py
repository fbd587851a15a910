"""What a quality check takes: ours, DuckDB's own scan, Great Expectations' pandas engine, and frictionless.

`python -m tests.benchmarks.quality_check` holds the ratios against the project's promises; it ends with 1 where one is
broken. The two other checkers are given a tenth of the rows, and ours beside them the same tenth: at that size our
start counts most, so that the ratio is rather too small. Ours is the whole command, from the start of its process; of
Great Expectations the validation alone counts, of a data frame that is in memory already.
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
from tests.benchmarks.measuring import MEBIBYTE, Measure, alternate, run_process

OPENDATA = str(Path(sys.executable).with_name("opendata"))
_RUNS = 3


@dataclass(frozen=True)
class Tables:
    """The table as Parquet, a tenth of it as Parquet and as CSV, and its schema."""

    folder: Path
    rows: int

    @property
    def schema(self) -> Path:
        """The Table Schema of 30 constraints."""
        return self.folder / "permits.schema.json"

    @property
    def whole(self) -> Path:
        """All rows."""
        return self.folder / "permits.parquet"

    @property
    def tenth(self) -> Path:
        """A tenth of the rows."""
        return self.folder / "tenth.parquet"

    @property
    def tenth_as_csv(self) -> Path:
        """The same as CSV, which frictionless reads by itself."""
        return self.folder / "tenth.csv"

    def write(self) -> None:
        """Write them all."""
        self.schema.write_text(json.dumps(permit_table.schema_of_thirty(), ensure_ascii=False), "utf-8")
        permit_table.write_parquet(self.whole, self.rows)
        permit_table.write_parquet(self.tenth, self.rows // 10)
        permit_table.write_csv(self.tenth_as_csv, self.rows // 10)


def _check(data: Path, schema: Path) -> Callable[[], tuple[float, int]]:
    return lambda: run_process([OPENDATA, "check", "--data", str(data), "--schema", str(schema)])


def _program(name: str, *arguments: Path) -> Callable[[], tuple[float, int]]:
    return lambda: run_process([sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, arguments)])


def _by_expectations(tables: Tables) -> Measure:
    """Seconds of the validation alone, as the program says; once, for it takes minutes."""
    command = [sys.executable, "-m", "tests.benchmarks.check_by_expectations", str(tables.tenth), str(tables.schema)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TQDM_DISABLE": "1"})
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    if not found["success"]:
        raise SystemExit("Great Expectations found faults in a table that has none")
    return Measure([found["seconds"]], [0])


def _against_others(tables: Tables) -> dict[str, float]:
    """How many times as long the others take for a tenth of the rows."""
    (ours,) = alternate(_check(tables.tenth, tables.schema), runs=_RUNS)
    (frictionless,) = alternate(_program("check_by_frictionless", tables.tenth_as_csv, tables.schema), runs=1)
    expectations = _by_expectations(tables)
    print(f"  a tenth of it: ours        {ours}")
    figures = {}
    for name, theirs, least in (("Great Expectations", expectations, 20), ("frictionless", frictionless, 50)):
        figures[name] = theirs.median / ours.median
        print(f"  {name:<27}{theirs.median:.2f} s, {figures[name]:.1f} times ours  (promised {least})")
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
        size = tables.whole.stat().st_size / MEBIBYTE
        print(f"quality check: {asked.rows} rows, 12 columns, 30 rules, {size:.0f} MiB of Parquet")
        scan = _program("duckdb_scan", tables.whole, tables.schema)
        roofline, ours = alternate(scan, _check(tables.whole, tables.schema), runs=_RUNS)
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
