"""The first rows of a release, read from its CSV as any reader would."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROWS = 20
#: Characters of a cell that a page shows; the files have all of them.
CELL_LENGTH = 200


@dataclass(frozen=True)
class Preview:
    """Headings and first rows as text; `shortened` where a cell was longer than a page shows."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shortened: bool

    def as_json(self) -> bytes:
        """The preview as a JSON document with `fields` and `rows`."""
        document: dict[str, Any] = {"fields": self.headings, "rows": self.rows, "shortened": self.shortened}
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _shown(cell: str) -> str:
    return cell if len(cell) <= CELL_LENGTH else cell[:CELL_LENGTH] + "…"


def read_preview(path: Path) -> Preview:
    """The headings and the first ROWS rows of a CSV in UTF-8."""
    before = csv.field_size_limit(sys.maxsize)  # a long cell is data, not a fault
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(itertools.islice(csv.reader(stream), ROWS + 1))
    finally:
        csv.field_size_limit(before)
    headings, rows = (lines[0] if lines else []), lines[1:]
    shortened = any(len(cell) > CELL_LENGTH for row in rows for cell in row)
    return Preview(tuple(headings), tuple(tuple(_shown(cell) for cell in row) for row in rows), shortened)
