"""What a stream is: one table of the city, the form in which it comes, and its rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from resource_catalog.samples.city.city import City

Cell = str | int | bool | Decimal | datetime.date | datetime.datetime | None
Row = tuple[Cell, ...]

#: The columns of where a row comes from that every table ends with (standards.md 5, notation).
PROVENANCE = ("source_row_id", "record_version", "valid_from", "valid_to", "published_at")
_OPENING = datetime.time(9)


def provenance(
    row_id: str,
    valid_from: datetime.date,
    published: datetime.date,
    *,
    version: int = 1,
    valid_to: datetime.date | None = None,
) -> Row:
    """The cells of PROVENANCE; `published` is a day, on which offices publish at nine (local time, without zone)."""
    return (row_id, version, valid_from, valid_to, datetime.datetime.combine(published, _OPENING))


@dataclass(frozen=True)
class Delimited:
    """A CSV file, headed by the schema's titles unless `titles` is false."""

    file: str
    encoding: str = "utf-8"
    titles: bool = True
    dates: str = "%Y-%m-%d"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook (.xlsx or .xls by the file's name), headed by the schema's titles.

    `title` and `subtitle` are rows above the headings; `groups` puts a second heading above some columns (field to
    group), merged over neighbours; `notes` are rows below the data; `merged` are the columns whose runs of equal cells
    are one merged cell, within runs of the first of them.
    """

    file: str
    sheet: str
    title: str = ""
    subtitle: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of an SQLite file, its columns named as the schema's fields; `types` are SQL types other than TEXT."""

    file: str
    table: str
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Columnar:
    """A Parquet file, its columns named as the schema's fields and typed by their cells."""

    file: str


@dataclass(frozen=True)
class Interface:
    """The JSON answer of an interface: objects named by field in the list at the dotted path `records`."""

    file: str
    records: str


Form = Delimited | Sheet | Table | Columnar | Interface


@dataclass(frozen=True)
class Stream:
    """One table: its dataset's id, the names of its schema's fields in order, its form, and its rows."""

    dataset: str
    columns: tuple[str, ...]
    form: Form
    rows: Callable[[City], Iterator[Row]]
