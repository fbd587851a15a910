"""Both committed workspaces hold together: entries fit the agency, schemas the standard, foreign rows their schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from frictionless import Package, Schema

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.table_schema import read_table_schema

REPOSITORY = Path(__file__).parents[2]
WORKSPACES = (REPOSITORY, REPOSITORY / "tests" / "workspaces" / "library-board")


def _schema(workspace: Path, name: str) -> Schema:
    return Schema.from_descriptor(json.loads((workspace / "schemas" / f"{name}.schema.json").read_text("utf-8")))


def _entries(workspace: Path) -> list[Entry]:
    paths = sorted((workspace / "resource_catalog" / "entries").glob("*.yaml"))
    return [Entry.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in paths]


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_entries_fit_their_agency(workspace: Path) -> None:
    agency = Agency.model_validate(yaml.safe_load((workspace / "resource_catalog" / "agency.yaml").read_text("utf-8")))
    entries = _entries(workspace)
    codes = [entry.code for entry in entries]
    assert len(set(codes)) == len(codes) >= 4
    assert all(re.search(agency.code_pattern, code) for code in codes)
    assert {code for entry in entries for code in entry.related} <= set(codes)
    assert {entry.theme for entry in entries} <= set(agency.themes)
    assert set(agency.theme_uris) <= set(agency.themes)


@pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda path: path.name)
def test_schemas_are_read_alike_by_us_and_by_stock_frictionless(workspace: Path) -> None:
    for entry in _entries(workspace):
        schema = read_table_schema(workspace / "schemas" / f"{entry.schema_id}.schema.json")
        stock = _schema(workspace, entry.schema_id)
        assert tuple(stock.field_names) == schema.names
        assert tuple(stock.primary_key) == schema.primary_key != ()
        assert all(field.title and field.description for field in schema.fields)


def test_the_foreign_workspace_is_valid_under_stock_frictionless() -> None:
    workspace = WORKSPACES[1]
    samples = workspace / "resource_catalog" / "samples"
    semicolons = {"csv": {"delimiter": ";"}}
    sources: dict[str, dict[str, Any]] = {
        "branches": {"path": "branches.csv", "dialect": semicolons},
        # Stock frictionless reads JSON Lines only with an extra; the rows are what is to be shown valid.
        "loans": {"data": [json.loads(line) for line in (samples / "loans.jsonl").read_text("utf-8").splitlines()]},
        "reader-survey": {"path": "reader-survey.csv", "dialect": semicolons},
    }
    resources = [
        {"name": name, "schema": _schema(workspace, name).to_descriptor(), **source} for name, source in sources.items()
    ]
    report = Package.from_descriptor({"resources": resources}, basepath=str(samples)).validate()
    assert report.flatten(["taskNumber", "rowNumber", "fieldName", "type"]) == []
    assert [task.stats["rows"] for task in report.tasks] == [12, 40, 30]
