"""The committed workbook is the catalogue: importing it into nothing makes the entries, exporting them makes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from resource_catalog.catalog import load_catalog
from resource_catalog.national_template import export_catalog, import_catalog
from resource_catalog.template_columns import CATALOGUE_SHEET, ITEMS_SHEET, OWN_SHEET
from resource_catalog.workspace import Workspace, open_workspace
from tests.documentation import ROOT, WORKBOOK

FILE = ROOT / WORKBOOK


def cells(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Sheet → rows, as a person sees them."""
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(file)}


@pytest.fixture
def bare(tmp_path: Path) -> Workspace:
    """This workspace without its entries."""
    (tmp_path / "resource_catalog" / "entries").mkdir(parents=True)
    shutil.copy(ROOT / "resource_catalog" / "agency.yaml", tmp_path / "resource_catalog")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return open_workspace(tmp_path)


def test_importing_the_workbook_makes_the_committed_entries(bare: Workspace) -> None:
    summary = import_catalog(FILE, bare)
    committed = load_catalog(open_workspace(ROOT))
    stale = f"{WORKBOOK} is stale: run `make fix`"
    assert summary.faults == (), stale
    assert committed.broken == ()
    assert load_catalog(bare).entries == committed.entries, stale


def test_exporting_the_entries_makes_the_workbook(bare: Workspace, tmp_path: Path) -> None:
    import_catalog(FILE, bare)
    export_catalog(load_catalog(bare), tmp_path / "again.xlsx")
    assert cells(tmp_path / "again.xlsx") == cells(FILE)


def test_the_workbook_shows_each_resource_and_its_items(bare: Workspace) -> None:
    sheets = cells(FILE)
    entries = load_catalog(open_workspace(ROOT)).entries
    assert list(sheets) == [CATALOGUE_SHEET, ITEMS_SHEET, OWN_SHEET]
    assert len(sheets[CATALOGUE_SHEET]) == len(sheets[OWN_SHEET]) == len(entries) + 1
    described = {str(number) for number, entry in enumerate(entries, 1) if bare.schema_file(entry).exists()}
    assert {row[0] for row in sheets[ITEMS_SHEET][1:]} == described
