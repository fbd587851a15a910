"""Our scan of a Parquet file for the types and constraints of its schema alone, as other checkers have them.

Arguments: the Parquet, the schema, and the codes of rules to leave out. Prints how many checks ran, and how many
values failed. What `opendata check` looks for in any text beside them (personal data, garbled text …) no other checker
has.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pipelines.engines.duck import open_work
from pipelines.sources.columnar import read_parquet
from quality import keys
from quality.aggregates import values_of
from quality.judged_cells import create_cells, look_at_texts
from quality.rules.catalogue import checks_of
from quality.rules.check import KeyCheck, RowCheck
from resource_catalog.entry import Source
from resource_catalog.table_schema import read_table_schema

source, schema_file = map(Path, sys.argv[1:3])
schema = read_table_schema(schema_file)
checks = [check for check in checks_of(schema) if check.rule.scored and check.rule.code not in sys.argv[3:]]
of_rows = [check for check in checks if isinstance(check, RowCheck)]
of_keys = [check for check in checks if isinstance(check, KeyCheck)]
with (
    tempfile.TemporaryDirectory() as folder,
    open_work(Path(folder) / "work.duckdb", files=[source]) as connection,
):
    reading = read_parquet(connection, source, Source(path=str(source)), in_place=True)
    create_cells(connection, schema, reading.headings)
    look_at_texts(connection, schema)
    failed = sum(values[2] for values in values_of(connection, of_rows, 10)[1])
    failed += sum(keys.repeated(connection, check, schema, 10)[1] for check in of_keys)
print(len(of_rows) + len(of_keys), failed)
