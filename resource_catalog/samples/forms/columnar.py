"""Parquet files, typed as the schema says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from resource_catalog.samples.forms.part import Part
from resource_catalog.samples.stream import Cell, Row

_BATCH = 20_000
_TYPES = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("s"),
}


def write_columnar(file: Path, parts: Sequence[Part]) -> None:
    """Write one stream; a file of this form holds no more."""
    (part,) = parts
    schema = pa.schema(
        [(name, _TYPES.get(kind, pa.string())) for name, kind in zip(part.names, part.types, strict=True)]
    )
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in _batches(part.rows):
            columns = [
                pa.array(map(_value, column), kind)
                for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _batches(rows: Iterator[Row]) -> Iterable[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _value(cell: Cell) -> Cell | float:
    return float(cell) if isinstance(cell, Decimal) else cell
