"""The rows of a stream as tests read them: by field, each table made once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from resource_catalog.samples.city.city import City
from resource_catalog.samples.generate import all_streams
from resource_catalog.table_schema import TableSchema, read_table_schema

REPOSITORY = Path(__file__).parents[1]
SampleRow = Mapping[str, Any]


@cache
def sample_city() -> City:
    """The committed city."""
    return City(REPOSITORY / "resource_catalog" / "samples" / "words")


@cache
def sample_schema(dataset: str) -> TableSchema:
    """The dataset's schema."""
    return read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")


@cache
def sample_rows(dataset: str) -> tuple[SampleRow, ...]:
    """The dataset's rows, each by field."""
    stream = next(each for each in all_streams() if each.dataset == dataset)
    return tuple(dict(zip(stream.columns, row, strict=True)) for row in stream.rows(sample_city()))
