"""`frictionless validate` of a CSV against a schema. Arguments: the CSV, the schema. Prints whether it is valid."""

from __future__ import annotations

import sys
from pathlib import Path

from frictionless import Resource, Schema, system

source, schema_file = map(Path, sys.argv[1:])
with system.use_context(trusted=True):
    report = Resource(path=str(source), schema=Schema(str(schema_file))).validate()
print(report.valid)
