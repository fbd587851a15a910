"""The roofline: DuckDB alone reads a CSV and writes it once in each format. Arguments: the CSV, a folder."""

from __future__ import annotations

import sys

import duckdb

source, folder = sys.argv[1:]
with duckdb.connect(f"{folder}/roofline.duckdb") as connection:
    # As much memory as the pipeline may use.
    connection.execute("SET memory_limit = '700MB'")
    connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{source}')")
    for name, options in (("csv", "HEADER"), ("parquet", "FORMAT parquet, COMPRESSION zstd"), ("jsonl", "FORMAT json")):
        connection.execute(f"COPY t TO '{folder}/roofline.{name}' ({options})")
