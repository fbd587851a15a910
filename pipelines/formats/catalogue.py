"""The table of formats: add a format's module here and every release has it."""

from __future__ import annotations

from pipelines.formats import csv, jsonl, parquet, xlsx
from pipelines.formats.format import Format

FORMATS: tuple[Format, ...] = (csv.FORMAT, xlsx.FORMAT, jsonl.FORMAT, parquet.FORMAT)
