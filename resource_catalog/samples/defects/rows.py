"""Plants defects into the rows of a stream on their way to its file, and labels where each came to lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from resource_catalog.samples.defects.plant import Label, Plant
from resource_catalog.samples.defects.rewrites import REWRITES
from resource_catalog.samples.forms.part import Part, written
from resource_catalog.samples.stream import Delimited, Row, Sheet

_TOTAL = "合计"
_BEYOND = "多出的一格"


def plant_rows(dataset: str, part: Part, plants: Sequence[Plant], labels: list[Label]) -> Part:
    """The part with its defects; labels are added while its rows are taken."""
    by_row: dict[int, list[Plant]] = {}
    for each in plants:
        if each["dataset"] == dataset and "file" not in each:
            by_row.setdefault(each["nth"], []).append(each)
    return replace(part, rows=_rows(_Planting(dataset, part, labels), part.rows, by_row)) if by_row else part


class _Planting:
    """Where the rows of one part lie in its file, and the labels of what is planted there."""

    def __init__(self, dataset: str, part: Part, labels: list[Label]) -> None:
        self._dataset = dataset
        self.part = part
        self._labels = labels
        self.row = first_row(part)

    def label(self, plant: Plant, column: int | None, before: str, after: str) -> None:
        form = self.part.form
        self._labels.append(
            Label(
                number=plant["number"],
                dataset=self._dataset,
                file=form.file,
                sheet=form.sheet if isinstance(form, Sheet) else "",
                row=self.row,
                heading="" if column is None else heading(self.part, column),
                before=before,
                after=after,
                treatment=plant["treatment"],
            )
        )

    def dates(self) -> str:
        return self.part.form.dates if isinstance(self.part.form, Delimited) else "%Y-%m-%d"


def first_row(part: Part) -> int:
    """The number of the first row of data, as a person counts it in the file; from 1 where there are no headings."""
    form = part.form
    if isinstance(form, Delimited):
        return 2
    if isinstance(form, Sheet):
        return 1 + bool(form.title) + bool(form.subtitle) + (2 if form.groups else 1)
    return 1


def heading(part: Part, column: int) -> str:
    """A column's heading as the file has it; levels joined with `_`."""
    form, title = part.form, part.titles[column]
    if isinstance(form, Sheet):
        group = form.groups.get(part.names[column])
        return f"{group}_{title}" if group else title
    return title if isinstance(form, Delimited) and form.titles else part.names[column]


def _rows(planting: _Planting, rows: Iterator[Row], by_row: Mapping[int, Sequence[Plant]]) -> Iterator[Row]:
    for nth, row in enumerate(rows):
        plants = by_row.get(nth, ())
        for plant in plants:
            if "column" in plant and "row" not in plant:
                row = _with_cell(planting, row, plant)
        for made in _made_of(planting, row, [plant for plant in plants if "row" in plant]):
            yield made
            planting.row += 1


def _with_cell(planting: _Planting, row: Row, plant: Plant) -> Row:
    column = planting.part.names.index(plant["column"])
    before = written(row[column], planting.dates())
    after = plant["value"] if "value" in plant else REWRITES[plant["rewrite"]](before)
    if after == before:
        raise ValueError(f"defect {plant['number']} changes nothing in row {plant['nth']} of {plant['dataset']}")
    planting.label(plant, column, before, after)
    return (*row[:column], after, *row[column + 1 :])


def _made_of(planting: _Planting, row: Row, plants: Sequence[Plant]) -> Iterator[Row]:
    """The row, and what is planted instead of it or below it."""
    widened = any(plant["row"] == "widen" for plant in plants)
    for plant in plants:
        if plant["row"] == "widen":
            planting.label(plant, None, "", _BEYOND)
    yield (*row, _BEYOND) if widened else row
    for plant in plants:
        if plant["row"] == "repeat":
            planting.label(plant, None, "", "")
            yield row
        elif plant["row"] == "contradict":
            yield _with_cell(planting, row, plant)
        elif plant["row"] == "total":
            planting.label(plant, 0, "", _TOTAL)
            yield (_TOTAL, *[None] * (len(row) - 1))
