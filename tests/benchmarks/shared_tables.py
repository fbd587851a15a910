"""What a release of 1 % changed rows costs a shared table, in bytes and seconds, beside a full one.

`python -m tests.benchmarks.shared_tables` writes a table of 12 columns, then releases of which, of 1,000 rows, 8 are
changed, 1 is gone and 1 new, the changed ones scattered over the whole key. It ends with 1 where a release writes more
than 3 % of the bytes of the full one; one that writes the whole table anew, once a fifth of its rows was marked, is
told apart. Beside it stands what the same costs without deletion vectors.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.handover import Changes, Release
from pipelines.targets.sharing.delta_actions import Projection
from pipelines.targets.sharing.projection import project
from pipelines.targets.sharing.rows import ShareSource
from resource_catalog.sharing_policy import Policy
from resource_catalog.table_schema import TableSchema, parse_table_schema
from tests.benchmarks import permit_table

_LIMIT = 0.03
_KEY = "许可决定书文号"
_DATASET = "permits"
_START = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Cost:
    """Bytes written and seconds taken by one release."""

    bytes: int
    seconds: float
    anew: bool


def _write_release(folder: Path, number: int, rows: int, schema: TableSchema, before: Path | None) -> Release:
    """An edition of the table as a release's folder, with its changes."""
    place = folder / "releases" / str(number)
    data = place / "data" / f"{_DATASET}.parquet"
    data.parent.mkdir(parents=True)
    text = folder / "edition.csv"
    permit_table.write_csv(text, rows, number)
    typed = ", ".join(f'CAST("{one.name}" AS {permit_table.KINDS[one.type]}) AS "{one.name}"' for one in schema.fields)
    with duckdb.connect() as connection:
        read = f"SELECT {typed} FROM read_csv('{text}', all_varchar = true)"
        connection.execute(f"COPY ({read} ORDER BY \"{_KEY}\") TO '{data}' (FORMAT parquet, COMPRESSION zstd)")
        if before is not None:
            _write_changes(connection, before, data, place / "changes.parquet")
    text.unlink()
    return Release(_DATASET, number, place, f"sha256:{number}", {}, rows, Changes())


def _write_changes(connection: duckdb.DuckDBPyConnection, before: Path, after: Path, file: Path) -> None:
    connection.execute(f"CREATE VIEW b AS FROM '{before}'; CREATE VIEW n AS FROM '{after}'")
    changed = f'SELECT {{}}.* FROM b JOIN n USING ("{_KEY}") WHERE b.许可内容 <> n.许可内容'
    parts = {
        "insert": f'SELECT n.* FROM n ANTI JOIN b USING ("{_KEY}")',
        "delete": f'SELECT b.* FROM b ANTI JOIN n USING ("{_KEY}")',
        "update_preimage": changed.format("b"),
        "update_postimage": changed.format("n"),
    }
    union = " UNION ALL BY NAME ".join(
        f"SELECT '{kind}' AS _change_type, * FROM ({one})" for kind, one in parts.items()
    )
    connection.execute(f"COPY ({union}) TO '{file}' (FORMAT parquet)")


def _bytes(table: Path) -> int:
    return sum(file.stat().st_size for file in table.rglob("*") if file.is_file())


def measure(folder: Path, rows: int, releases: int, *, vectors: bool) -> list[Cost]:
    """The cost of each release, the full one first."""
    schema = parse_table_schema(permit_table.schema(), "benchmark")
    table, before, costs = folder / "table", None, []
    for number in range(1, releases + 2):
        release = _write_release(folder, number, rows, schema, before)
        had, started = _bytes(table), time.perf_counter()
        projection = Projection(
            table_id="00000000-0000-4000-8000-000000000000",
            folder=table,
            policy=Policy(_DATASET, schema.names),
            source=ShareSource(release, schema, "releases"),
            title="行政许可信息",
            summary="",
            at=_START + datetime.timedelta(days=number),
            previous="" if before is None else "sha256",
            vectors=vectors,
        )
        ((_version, actions),) = project(projection, folder / "work" / "work.duckdb")
        seconds = time.perf_counter() - started
        written = sum(int(one["add"]["tags"]["rows"]) for one in actions if "add" in one and _is_new(one, number))
        costs.append(Cost(_bytes(table) - had, seconds, written >= rows // 2))
        before = release.folder / "data" / f"{_DATASET}.parquet"
    return costs


def _is_new(action: object, number: int) -> bool:
    return f"v{number - 1:08}" in json.dumps(action)


def main() -> int:
    """Measure; 0 where the promise is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 2_000_000])
    parser.add_argument("--releases", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    asked = parser.parse_args()
    figures, kept = {}, True
    for rows in asked.rows:
        for vectors in (True, False):
            with tempfile.TemporaryDirectory(prefix="shared-") as folder:
                full, *others = measure(Path(folder), rows, asked.releases if vectors else 1, vectors=vectors)
            way = "with deletion vectors" if vectors else "reader version 1"
            print(f"{rows} rows, {way}: full {full.bytes} bytes, {full.seconds:.1f} s")
            shares = [one.bytes / full.bytes for one in others]
            for share, one in zip(shares, others, strict=True):
                anew = ", written anew" if one.anew else ""
                print(f"  1 % scattered: {one.bytes} bytes, {share:.2%}, {one.seconds:.1f} s{anew}")
            figures[f"{rows} {way}"] = max(shares)
            if vectors:
                kept &= all(share <= _LIMIT for share, one in zip(shares, others, strict=True) if not one.anew)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
