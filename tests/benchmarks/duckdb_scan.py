"""The roofline of a check: DuckDB alone scans a Parquet once, with one regular expression and one cast per column.

Arguments: the Parquet, the schema. Text columns have their pattern, or one for any text, and no cast to compute.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from tests.benchmarks.permit_table import KINDS

source, schema_file = sys.argv[1:]
wanted = []
for field in json.loads(Path(schema_file).read_bytes())["fields"]:
    name, kind = field["name"], KINDS[field["type"]]
    pattern = field["constraints"].get("pattern", r".*\S.*").replace("'", "''")
    wanted += [
        f"count(*) FILTER (NOT regexp_full_match(\"{name}\", '{pattern}'))",
        f'count(TRY_CAST("{name}" AS {kind}))',
    ]
with duckdb.connect() as connection:
    connection.execute("SET memory_limit = '700MB'")
    print(connection.execute(f"SELECT {', '.join(wanted)} FROM read_parquet('{source}')").fetchone())
