"""Check: the quality self-check of the catalogue's datasets, or of any file against any Table Schema."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.commands.planning import isolated
from pipelines.commands.run import Run
from pipelines.commands.tables import TABLE, check_entry, shown_discreetly
from pipelines.handover import Blocked, Checked
from pipelines.plan import Decision, Verdict
from pipelines.reporting.repair_table import write_repair_table
from pipelines.stages.check import check
from pipelines.stages.extract import extract
from quality.finding import Quality
from resource_catalog.agency import Agency, Thresholds
from resource_catalog.catalog_values import Catalog
from resource_catalog.code_list import with_code_lists
from resource_catalog.entry import Entry, Source
from resource_catalog.errors import UsageError
from resource_catalog.table_schema import read_table_schema
from resource_catalog.workspace import Workspace, table_schema


def _verdict(entry: Entry, outcome: Checked | Blocked) -> Decision:
    quality = outcome.quality
    passed = isinstance(outcome, Checked)
    reason = "valid" if passed else f"to be mended: {quality.must}"
    verdict = Verdict.UNCHANGED if passed else Verdict.BLOCKED
    return Decision(entry.id, entry.title, entry.owner, verdict, reason, quality=quality)


def _check_one(run: Run, entry: Entry, repairs: Path | None) -> Decision:
    schema = table_schema(run.workspace, entry)
    outcome, _references = check_entry(run, entry, schema)
    if repairs and outcome.quality.repairs:
        write_repair_table(run.work / entry.id / TABLE, schema, repairs / f"{entry.id}.csv")
    return _verdict(entry, outcome)


def check_catalogued(run: Run, wanted: Sequence[str] = (), repairs: Path | None = None) -> list[Decision]:
    """Check every dataset that is meant and has a source, whatever its openness; publishes nothing.

    Args:
        run: The opened workspace.
        wanted: Datasets by id; all where none is named.
        repairs: A folder for the tables of repaired cells, one CSV file a dataset that has any.
    """
    entries = [found.entry for found in run.selections(wanted) if found.entry.source is not None]
    run.progress.start(len(entries))
    decisions = []
    for entry in entries:
        decisions.append(isolated(entry, partial(_check_one, run, entry, repairs)))
        run.progress.done(entry.id, decisions[-1].verdict.value)
    return decisions


def check_file(data: Path, schema_file: Path, work: Path) -> Decision:
    """Check one file against one Table Schema, without a catalogue.

    Raises:
        UsageError: there is no such file.
        WorkspaceError: the schema or a code list of it can't be read.
        SourceError: the file's format is unknown.
    """
    if not data.is_file():
        raise UsageError("there is no such file", where=str(data), fix="name the file to check with --data")
    schema = with_code_lists(read_table_schema(schema_file), schema_file)
    folder = data.resolve().parent
    entry = Entry.model_validate(
        {
            "id": "data",
            "code": "-",
            "title": data.name,
            "owner": "whoever keeps the file",
            "openness": "open",
            "sharing": "unconditional",
            "update_cycle": "never",
            "source": Source(path=str(data.resolve())),
        }
    )
    agency = Agency(id="none", name="-", code="-", data_roots=(str(folder),))
    catalog = Catalog(Workspace(folder), agency, ())
    extracted = shown_discreetly(extract(catalog, entry, work / "table", schema.fields), schema)
    if isinstance(extracted, Blocked):
        return _verdict(entry, extracted)
    return _verdict(entry, check(extracted, schema, Thresholds(), ()))


def as_document(decisions: Sequence[Decision]) -> dict[str, Any]:
    """The outcome of a check in the form of `--json` (INTERFACE.md)."""
    return {"datasets": [_as_json(decision) for decision in decisions]}


def _as_json(decision: Decision) -> dict[str, Any]:
    quality = decision.quality or Quality(0)
    facts: dict[str, Any] = {
        "id": decision.dataset,
        "valid": decision.verdict is Verdict.UNCHANGED,
        "rows": quality.rows,
        "score": quality.score,
        "dimensions": dict(quality.dimensions),
        "findings": [
            {
                "rule": found.rule,
                "severity": found.severity.value,
                "dataset": found.dataset,
                "file": found.file,
                "sheet": found.sheet,
                "row": found.row,
                "column": found.column,
                "value": found.value,
                "message": found.message,
                "fix": found.fix,
                "owner": found.owner,
            }
            for found in quality.findings
        ],
        "counts": dict(quality.counts),
        "repairs": [
            {
                "repair": log.repair,
                "column": log.column,
                "count": log.count,
                "cells": [{"row": cell.row, "before": cell.before, "after": cell.after} for cell in log.cells],
            }
            for log in quality.repairs
        ],
    }
    if decision.quality is None:
        facts["error"] = decision.reason
    return facts
