"""Defects of whole files and of the catalogue: what hides in sheets, comments, formulas, macros, and wrong entries."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from resource_catalog.samples.defects.plant import Label, Plant

_HIDDEN = "Sheet2"
_MACROS = "xl/vbaProject.bin"
#: The first bytes of a compound file: what a workbook's macros are kept in.
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def plant_in_file(workspace: Path, folder: Path, plant: Plant) -> Label:
    """Plant one defect that lies in a file rather than in a stream's rows, by what `plant["file"]` says is to be done.

    Args:
        workspace: Where the catalogue is.
        folder: Where the data files are.
        plant: `as-is FILE` labels what the form has anyway; `hidden-sheet`, `comment`, `formula-error` and `macro` FILE
            change a workbook (`nth` and `column`: row and column from 1); `entry` changes the entry's key `column`.
    """
    act, _, name = plant["file"].partition(" ")
    return _ACTS[act](workspace if act == "entry" else folder, name, plant)


def _label(plant: Plant, file: str, after: str, **place: Any) -> Label:
    """The label; `place` has sheet, row, heading and before, where there is such."""
    nowhere = {"sheet": "", "row": None, "heading": "", "before": ""}
    head = {"number": plant["number"], "dataset": plant["dataset"], "treatment": plant["treatment"]}
    return Label(**{**nowhere, **place, **head}, file=file, after=after)


def _as_is(_folder: Path, name: str, plant: Plant) -> Label:
    return _label(plant, name, plant["value"])


def _macro(folder: Path, name: str, plant: Plant) -> Label:
    with zipfile.ZipFile(folder / name, "a") as archive:
        archive.writestr(_MACROS, _COMPOUND_FILE)
    return _label(plant, name, _MACROS)


def _hidden_sheet(folder: Path, name: str, plant: Plant) -> Label:
    workbook = openpyxl.load_workbook(folder / name)
    hidden = workbook.create_sheet(_HIDDEN)
    hidden.sheet_state = "hidden"
    hidden["A1"] = plant["value"]
    workbook.save(folder / name)
    return _label(plant, name, plant["value"], sheet=_HIDDEN, row=1)


def _in_cell(act: Callable[[Worksheet, Plant], None]) -> Callable[[Path, str, Plant], Label]:
    def planted(folder: Path, name: str, plant: Plant) -> Label:
        workbook = openpyxl.load_workbook(folder / name)
        sheet = workbook.worksheets[0]
        before = str(sheet.cell(plant["nth"], int(plant["column"])).value)
        act(sheet, plant)
        workbook.save(folder / name)
        column = get_column_letter(int(plant["column"]))
        return _label(plant, name, plant["value"], sheet=sheet.title, row=plant["nth"], heading=column, before=before)

    return planted


def _comment(sheet: Worksheet, plant: Plant) -> None:
    sheet.cell(plant["nth"], int(plant["column"])).comment = Comment(plant["value"], "")


def _formula_error(sheet: Worksheet, plant: Plant) -> None:
    cell = sheet.cell(plant["nth"], int(plant["column"]))
    cell.value = plant["value"]
    cell.data_type = "e"


def _entry(workspace: Path, _name: str, plant: Plant) -> Label:
    file = workspace / "resource_catalog" / "entries" / f"{plant['dataset']}.yaml"
    document = yaml.safe_load(file.read_text("utf-8"))
    before = str(document.get(plant["column"], ""))
    document[plant["column"]] = plant["value"]
    file.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    return _label(plant, f"entries/{file.name}", plant["value"], heading=plant["column"], before=before)


_ACTS: Mapping[str, Callable[[Path, str, Plant], Label]] = {
    "as-is": _as_is,
    "macro": _macro,
    "hidden-sheet": _hidden_sheet,
    "comment": _in_cell(_comment),
    "formula-error": _in_cell(_formula_error),
    "entry": _entry,
}
