"""Public Table Schemas with their publishers' valid and invalid files: judged as the publishers and frictionless do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import frictionless
import pytest

from pipelines.commands.file_check import check_file
from pipelines.plan import Decision, Verdict
from tests.outside_inputs import EXPECTED, INPUTS, written_differences

FILES = sorted(name for name in EXPECTED if "publisher_says" in EXPECTED[name])
#: frictionless' type of error for each of our rules that it knows.
ERROR_OF = {
    "type": "type-error",
    "required": "constraint-error",
    "enum": "constraint-error",
    "pattern": "constraint-error",
    "bounds": "constraint-error",
    "length": "constraint-error",
    "array-item": "constraint-error",
    "unique": "unique-error",
    "primary-key": "primary-key",
    "missing-column": "missing-label",
    "extra-column": "extra-label",
}


def _judge(name: str, folder: Path) -> Decision:
    return check_file(INPUTS / name, INPUTS / EXPECTED[name]["schema"], folder).decision


def _by_frictionless(name: str) -> set[tuple[Any, ...]]:
    with frictionless.system.use_context(trusted=True):
        schema = frictionless.Schema.from_descriptor(str(INPUTS / EXPECTED[name]["schema"]))
        report = frictionless.validate(frictionless.Resource(path=str(INPUTS / name), schema=schema))
    return {tuple(found) for found in report.flatten(["type", "rowNumber", "fieldName"])}


def test_there_are_files_to_judge() -> None:
    assert {EXPECTED[name]["publisher_says"] for name in FILES} == {"valid", "invalid"}
    assert len(FILES) == 15


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_as_valid_as_its_publisher_says(tmp_path: Path, name: str) -> None:
    decision = _judge(name, tmp_path)

    assert (decision.verdict is Verdict.UNCHANGED) == (EXPECTED[name]["publisher_says"] == "valid")


def test_faults_are_in_the_cells_where_frictionless_finds_them(tmp_path: Path) -> None:
    different = {}
    for name in FILES:
        if "schema_rejected_by_frictionless" not in EXPECTED[name]:
            quality = _judge(name, tmp_path).quality
            assert quality is not None
            ours = {(ERROR_OF[found.rule], found.row, found.column) for found in quality.findings}
            if ours != _by_frictionless(name):
                different[name] = str(sorted(ours))

    assert different == written_differences("Cells of table-schemas")


def test_a_schema_that_frictionless_rejects_is_read_and_finds_the_planted_faults(tmp_path: Path) -> None:
    name = "table-schemas/schema-comptage-mobilites-channel/exemple-invalide.csv"
    quality = _judge(name, tmp_path).quality

    assert quality is not None
    assert {(found.rule, found.row, found.column) for found in quality.findings} == {
        ("primary-key", 3, "channel_id"),
        ("pattern", 4, "mobility_type"),
        ("pattern", 5, "mobility_type"),
    }
