"""Each table of the outside packages, judged cell by cell by us and by `frictionless validate`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import frictionless
import pytest

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Extract
from pipelines.stages.extract import extract
from quality.finding import Finding, Severity
from quality.scan import scan
from resource_catalog.agency import Agency
from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema, parse_table_schema
from resource_catalog.workspace import Workspace
from tests.outside_inputs import INPUTS, written_differences

PACKAGES = INPUTS / "packages"
#: frictionless' type of error for each of our rules; a missing cell and a ragged row are its two words for one thing.
ERROR_OF = {
    "type": "type-error", "required": "constraint-error", "enum": "constraint-error", "pattern": "constraint-error",
    "bounds": "constraint-error", "length": "constraint-error", "unique": "unique-error", "primary-key": "primary-key",
    "missing-column": "missing-label", "extra-column": "extra-label", "ragged-row": "missing-cell",
}  # fmt: skip
Fault = tuple[str, int | None, str]


def _tables() -> dict[str, tuple[Path, dict[str, Any]]]:
    """Package/table → its folder, its resource's descriptor."""
    found = {}
    for folder in sorted(PACKAGES.iterdir()):
        descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        found |= {f"{folder.name}/{resource['name']}": (folder, resource) for resource in descriptor["resources"]}
    return found


TABLES = _tables()


def _extracted(file: Path, schema: TableSchema, work: Path) -> Extract | Blocked:
    facts = {"id": "data", "code": "-", "title": "-", "owner": "-", "openness": "open", "sharing": "unconditional"}
    entry = Entry.model_validate({**facts, "update_cycle": "never", "source": {"path": str(file)}})
    agency = Agency(id="none", name="-", code="-", data_roots=(str(file.parent),))
    return extract(Catalog(Workspace(file.parent), agency, ()), entry, work, schema.fields)


def _findings(file: Path, schema: TableSchema, work: Path) -> tuple[Finding, ...]:
    extracted = _extracted(file, schema, work)
    if isinstance(extracted, Blocked):
        return extracted.quality.findings
    with open_work(extracted.database) as connection:
        return scan(connection, schema, extracted.headings, examples=100_000).findings


def _ours(file: Path, schema: TableSchema, work: Path) -> set[Fault]:
    must = [found for found in _findings(file, schema, work) if found.severity is Severity.MUST]
    return {(ERROR_OF[found.rule], found.row, found.column) for found in must}


def _theirs(folder: Path, resource: dict[str, Any]) -> set[Fault]:
    # Without hash and bytes, which describe the file and are held against it elsewhere.
    alone = {key: value for key, value in resource.items() if key not in ("hash", "bytes")}
    with frictionless.system.use_context(trusted=True):
        judged = frictionless.Resource.from_descriptor(alone, basepath=str(folder)).validate(limit_errors=100_000)
    return {
        (kind, row, "" if kind == "missing-cell" else name or "")
        for kind, row, name in judged.flatten(["type", "rowNumber", "fieldName"])
    }


def _in_words(ours: set[Fault], theirs: set[Fault]) -> str:
    """The faults that one of the two finds alone, counted by kind."""
    sides = []
    for name, alone in (("ours", ours - theirs), ("theirs", theirs - ours)):
        kinds = Counter(kind for kind, _row, _column in alone)
        sides += [f"{name} {kind} × {count}" for kind, count in sorted(kinds.items())]
    return ", ".join(sides)


@pytest.fixture(scope="module")
def different(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = {}
    for name, (folder, resource) in TABLES.items():
        work = tmp_path_factory.mktemp("work") / "table"
        ours = _ours(folder / resource["path"], parse_table_schema(resource["schema"], name), work)
        theirs = _theirs(folder, resource)
        if ours != theirs:
            found[name] = _in_words(ours, theirs)
    return found


def test_there_are_tables_to_judge() -> None:
    assert len({name.split("/")[0] for name in TABLES}) == 15


def test_both_find_the_same_faults_in_the_same_cells_but_for_what_is_explained(different: dict[str, str]) -> None:
    assert different == written_differences("Cells of packages")
