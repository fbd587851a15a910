"""What is planted where, as `words/defects.json` has it, and the label that says where it came to lie."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, TypedDict

Treatment = Literal["repair", "flag", "reject"]


class Plant(TypedDict, total=False):
    """One defect in one place.

    In a table: the `nth` row from 0 of `dataset`, and the field `column`, whose cell becomes `value` or what `rewrite`
    makes of it; or `row` is done to the whole row. In a file or entry: `file`, by the kind of act that is named there.
    """

    number: int
    dataset: str
    nth: int
    column: str
    value: str
    rewrite: str
    row: Literal["repeat", "contradict", "total", "widen"]
    file: str
    treatment: Treatment


@dataclass(frozen=True)
class Label:
    """Where one defect lies: `row` and `heading` as a person finds them in the file; empty for a whole file.

    The heading is a letter where a cell is named by its column, and a key in an entry.
    """

    number: int
    dataset: str
    file: str
    sheet: str
    row: int | None
    heading: str
    before: str
    after: str
    treatment: Treatment


def write_labels(file: Path, labels: Iterable[Label]) -> None:
    """The labels as CSV, by number and place."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [field.name for field in fields(Label)], lineterminator="\r\n")
        writer.writeheader()
        ordered = sorted(labels, key=lambda label: (label.number, label.dataset, label.row or 0, label.heading))
        writer.writerows(asdict(label) for label in ordered)
