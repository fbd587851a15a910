"""The table of the twenty-five defects (quality/DEFECTS.md): all are there, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quality.repairs.catalogue import REPAIRS
from quality.rules.catalogue import RULES
from tests.domain_document import defect_treatments

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "quality" / "DEFECTS.md").read_text("utf-8").splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in LINES if re.match(r"\| \d+ \|", line)]
_PROPERTIES = {"footer_rows", "missingValues", "openEndedOf", "standard", "catalog check", "_", "duplicates: collapse"}


def test_it_has_each_defect_of_the_document_once() -> None:
    assert [int(row[0]) for row in ROWS] == sorted(defect_treatments())
    assert len(LINES) <= 60


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_a_row_names_exists(row: list[str]) -> None:
    _number, _defect, treatment, where, test = row
    assert (ROOT / where.strip("`")).is_file()
    file, name = test.strip("`").split("::")
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", treatment)) <= REPAIRS.keys() | RULES.keys() | _PROPERTIES


def test_every_repair_is_in_it() -> None:
    assert set(re.findall(r"`([^`]+)`", " ".join(row[2] for row in ROWS))) >= REPAIRS.keys()
