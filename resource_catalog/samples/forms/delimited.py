"""CSV files: RFC 4180 in the encoding that the stream names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.stream import Delimited


def write_delimited(file: Path, parts: Sequence[Part]) -> None:
    """Write one stream; a file of this form holds no more."""
    (part,) = parts
    form = part.form
    assert isinstance(form, Delimited)  # noqa: S101 - the table of writers pairs them
    with file.open("w", encoding=form.encoding, newline="") as opened:
        writer = csv.writer(opened, lineterminator="\r\n")
        writer.writerow(part.titles if form.titles else part.names)
        writer.writerows([written(cell, form.dates) for cell in row] for row in part.rows)
