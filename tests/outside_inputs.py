"""Files that nobody here wrote: where they lie, what others say of them, and what comes of reading each as it is."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Extract
from pipelines.stages.extract import extract
from quality.finding import Finding
from quality.rules.catalogue import RULES
from quality.table import EXTRACT
from resource_catalog.agency import Agency
from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import Entry, Source
from resource_catalog.errors import SourceError
from resource_catalog.workspace import Workspace

INPUTS = Path(os.environ.get("OPENDATA_INPUTS") or Path(__file__).resolve().parents[2] / "shared" / "inputs")
EXPECTED: dict[str, dict[str, Any]] = json.loads((INPUTS / "expected.json").read_text(encoding="utf-8"))
FILES = sorted(path.relative_to(INPUTS).as_posix() for path in INPUTS.rglob("*") if path.is_file())
DIFFERENCES = Path(__file__).parent / "integration" / "OUTSIDE_INPUTS.md"


@dataclass(frozen=True)
class Outcome:
    """What became of one file: a table, or why there is none. `rules` are the codes of what was found."""

    headings: tuple[str, ...] = ()
    cells: tuple[tuple[str | None, ...], ...] = ()
    encoding: str = ""
    delimiter: str = ""
    findings: tuple[Finding, ...] = ()
    refused: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(sorted({found.rule for found in self.findings}))

    @property
    def valid(self) -> bool:
        """There is a table, and nothing in it must be mended."""
        return bool(self.headings) and all(RULES[code].severity == "should" for code in self.rules)


def _table(found: Extract) -> Outcome:
    with open_work(found.database) as connection:
        rows = connection.execute(f"SELECT * EXCLUDE (__row__) FROM {EXTRACT} ORDER BY __row__").fetchall()
    assert len(rows) == found.rows
    delimiter = found.origin.dialect.get("delimiter", "")
    return Outcome(found.headings, tuple(rows), found.origin.encoding, delimiter, found.findings)


@cache
def read_as_it_is(name: str) -> Outcome:
    """Extract a file as `check --data` does, with no schema and no word about how it is written."""
    file = INPUTS / name
    entry = Entry.model_validate(
        {
            "id": "data",
            "code": "-",
            "title": file.name,
            "owner": "-",
            "openness": "open",
            "sharing": "unconditional",
            "update_cycle": "never",
            "source": Source(path=str(file)),
        }
    )
    agency = Agency(id="none", name="-", code="-", data_roots=(str(file.parent),))
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = extract(Catalog(Workspace(file.parent), agency, ()), entry, Path(folder) / "table", ())
        except SourceError as error:
            return Outcome(refused=str(error))
        return Outcome(findings=found.quality.findings) if isinstance(found, Blocked) else _table(found)


def written_differences(title: str) -> dict[str, str]:
    """The table under a heading of OUTSIDE_INPUTS.md: file → what differs; its third column says why."""
    section = DIFFERENCES.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert all(len(row) == 3 and row[2] for row in rows), "every difference has its reason"
    return {row[0]: row[1] for row in rows}
