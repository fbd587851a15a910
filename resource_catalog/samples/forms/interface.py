"""The JSON answer of an interface: a status, and the records under a dotted path."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.stream import Cell, Interface

#: What interfaces say before their data.
_STATUS = {"code": 0, "message": "success"}


def write_interface(file: Path, parts: Sequence[Part]) -> None:
    """Write one stream; a file of this form holds no more."""
    (part,) = parts
    form = part.form
    assert isinstance(form, Interface)  # noqa: S101 - the table of writers pairs them
    *outer, last = form.records.split(".")
    head = json.dumps(_STATUS)[:-1] + "".join(f', "{name}": {{' for name in outer)
    with file.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(f'{head}"{last}": [\n' if outer else f'{head}, "{last}": [\n')
        for number, record in enumerate(_records(part)):
            opened.write((",\n" if number else "") + json.dumps(record, ensure_ascii=False))
        opened.write("\n]" + "}" * len(outer) + "}\n")


def _records(part: Part) -> Iterable[dict[str, object]]:
    return ({name: _value(cell) for name, cell in zip(part.names, row, strict=True)} for row in part.rows)


def _value(cell: Cell) -> object:
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return written(cell) if isinstance(cell, datetime.date) else cell
