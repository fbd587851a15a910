"""The committed city as tests read it: its streams and schemas, and their rows by field, each table made once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from resource_catalog.samples.city.city import City
from resource_catalog.samples.generate import all_streams
from resource_catalog.samples.stream import Stream
from resource_catalog.table_schema import TableSchema, read_table_schema

REPOSITORY = Path(__file__).parents[1]
CATALOGUE = REPOSITORY / "resource_catalog"
#: The committed files; a test holds them to be what the streams write.
DATA = CATALOGUE / "samples" / "data"
STREAMS: Mapping[str, Stream] = {stream.dataset: stream for stream in all_streams()}
SampleRow = Mapping[str, Any]
#: A dataset and a field of it.
Place = tuple[str, str]


@cache
def sample_city() -> City:
    """The committed city."""
    return City(CATALOGUE / "samples" / "words")


@cache
def sample_schema(dataset: str) -> TableSchema:
    """The dataset's schema."""
    return read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")


@cache
def sample_rows(dataset: str) -> tuple[SampleRow, ...]:
    """The dataset's rows, each by field."""
    stream = STREAMS[dataset]
    return tuple(dict(zip(stream.columns, row, strict=True)) for row in stream.rows(sample_city()))


def values_of_standard(standard: str) -> Mapping[Place, Sequence[str]]:
    """The values of every field of a `standard`, whoever may see it; a place without values has none."""
    return {
        (dataset, field.name): [row[field.name] for row in sample_rows(dataset) if row[field.name]]
        for dataset in STREAMS
        for field in sample_schema(dataset).fields
        if field.standard == standard
    }


def sample_days() -> Mapping[Place, frozenset[datetime.date]]:
    """The days in every field of dates or moments that has any."""
    found = {
        (dataset, field.name): frozenset(_day(row[field.name]) for row in sample_rows(dataset) if row[field.name])
        for dataset in STREAMS
        for field in sample_schema(dataset).fields
        if field.type in ("date", "datetime")
    }
    return {place: days for place, days in found.items() if days}


def _day(moment: datetime.date) -> datetime.date:
    return moment.date() if isinstance(moment, datetime.datetime) else moment
