"""Check: the quality self-check of the catalogue's datasets, or of any file against any Table Schema."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.commands.in_place import checked_in_place
from pipelines.commands.planning import isolated
from pipelines.commands.run import Run
from pipelines.commands.tables import TABLE, check_entry, shown_discreetly
from pipelines.handover import Blocked, Checked
from pipelines.plan import Decision, Verdict, gate_document
from pipelines.reporting.inspected import InspectedDataset, PastScore
from pipelines.reporting.repair_table import write_repair_table
from pipelines.scores import Scores, groups_document, scores_document, standing_document
from pipelines.stages.check import check
from pipelines.stages.extract import extract
from quality.expectations.suite import read_suite
from quality.finding import Quality
from resource_catalog.agency import Agency, Thresholds
from resource_catalog.catalog_values import Catalog
from resource_catalog.code_list import with_code_lists
from resource_catalog.entry import Entry, Source
from resource_catalog.errors import UsageError
from resource_catalog.table_schema import read_table_schema
from resource_catalog.workspace import Workspace, table_schema

#: Whose a file is that is checked without a catalogue, and the id that it has then.
NO_AGENCY = Agency(id="none", name="-", code="-")
FILE = "data"
#: Releases of a dataset whose scores make its trend.
_MOST_PAST = 24


def _inspected(entry: Entry, outcome: Checked | Blocked) -> InspectedDataset:
    return InspectedDataset(_verdict(entry, outcome), outcome.inspection)


def _verdict(entry: Entry, outcome: Checked | Blocked) -> Decision:
    quality = outcome.quality
    passed = isinstance(outcome, Checked)
    reason = "valid" if passed else f"to be mended: {quality.must}"
    verdict = Verdict.UNCHANGED if passed else Verdict.BLOCKED
    return Decision(entry.id, entry.title, entry.owner, verdict, reason, quality=quality)


def _check_one(run: Run, entry: Entry, mark: bool, repairs: Path | None) -> InspectedDataset:
    schema = table_schema(run.workspace, entry)
    outcome, _references = check_entry(run, entry, schema, mark=mark)
    if repairs and outcome.quality.repairs:
        write_repair_table(run.work / entry.id / TABLE, schema, repairs / f"{entry.id}.csv")
    return _inspected(entry, outcome)


def with_history(inspected: Sequence[InspectedDataset], scores: Scores) -> list[InspectedDataset]:
    """The datasets with the scores of their last releases, oldest first; one that says of none leaves a gap."""
    return [replace(one, history=_past(scores, one.dataset)) for one in inspected]


def _past(scores: Scores, dataset: str) -> tuple[PastScore, ...]:
    standing = scores.standings.get(dataset)
    past = [
        PastScore(each.release, each.at.date(), each.score)
        for each in (standing.history if standing else ())
        if each.at is not None and each.score is not None
    ]
    return tuple(past[-_MOST_PAST:])


def to_be_checked(run: Run, wanted: Sequence[str] = ()) -> list[Entry]:
    """The entries that are meant and have a source, whatever their openness."""
    return [found.entry for found in run.selections(wanted) if found.entry.source is not None]


def check_catalogued(
    run: Run, wanted: Sequence[str] = (), *, mark: bool = False, repairs: Path | None = None
) -> list[InspectedDataset]:
    """Check every dataset that is meant and has a source, whatever its openness; publishes nothing.

    Args:
        run: The opened workspace.
        wanted: Datasets by id; all where none is named.
        mark: Whether every bad cell stays in the datasets' work databases, for the sections' workbooks.
        repairs: A folder for the tables of repaired cells, one CSV file a dataset that has any.
    """
    entries = to_be_checked(run, wanted)
    run.progress.start(len(entries))
    inspected = []
    for entry in entries:
        one = isolated(entry, partial(_check_one, run, entry, mark, repairs))
        inspected.append(InspectedDataset(one) if isinstance(one, Decision) else one)
        run.progress.done(entry.id, inspected[-1].decision.verdict.value)
    return inspected


def check_file(
    data: Path,
    schema_file: Path,
    work: Path,
    suite_file: Path | None = None,
    *,
    mark: bool = False,
    repairs: Path | None = None,
) -> InspectedDataset:
    """Check one file against one Table Schema, and a suite where one is named, without a catalogue.

    Raises:
        UsageError: there is no such file.
        WorkspaceError: the schema, a code list of it or the suite can't be read, or they contradict each other.
        SourceError: the file's format is unknown.
    """
    if not data.is_file():
        raise UsageError("there is no such file", where=str(data), fix="name the file to check with --data")
    schema = with_code_lists(read_table_schema(schema_file), schema_file)
    suite = read_suite(suite_file) if suite_file else None
    folder = data.resolve().parent
    entry = Entry.model_validate(
        {
            "id": FILE,
            "code": "-",
            "title": data.name,
            "owner": "whoever keeps the file",
            "openness": "open",
            "sharing": "unconditional",
            "update_cycle": "never",
            "source": Source(path=str(data.resolve())),
        }
    )
    agency = NO_AGENCY.model_copy(update={"data_roots": (str(folder),)})
    catalog = Catalog(Workspace(folder), agency, ())
    today = datetime.date.today()
    options: dict[str, Any] = {"today": today, "mark": mark, "suite": suite}
    outcome = checked_in_place(catalog, entry, schema, Thresholds(), work / TABLE, **options)
    if outcome is not None:
        return _inspected(entry, outcome)
    extracted = shown_discreetly(extract(catalog, entry, work / TABLE, schema.fields), schema)
    if isinstance(extracted, Blocked):
        return _inspected(entry, extracted)
    found = check(extracted, schema, Thresholds(), (), **options)
    if repairs and found.quality.repairs:
        write_repair_table(work / TABLE, schema, repairs / f"{FILE}.csv")
    return _inspected(entry, found)


def as_document(decisions: Sequence[Decision], scores: Scores) -> dict[str, Any]:
    """The outcome of a check in the form of `--json` (INTERFACE.md), with the scores of sections and agency."""
    return {
        "datasets": [
            {**_as_json(decision), **standing_document(scores.standings.get(decision.dataset))}
            for decision in decisions
        ],
        **groups_document(scores),
    }


def _as_json(decision: Decision) -> dict[str, Any]:
    quality = decision.quality or Quality(0)
    facts: dict[str, Any] = {
        "id": decision.dataset,
        "valid": decision.verdict is Verdict.UNCHANGED,
        "rows": quality.rows,
        **scores_document(quality.assessments),
        "gate": {"blocked_by": list(quality.blocked_by)},
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
                "waived": found.waived,
            }
            for found in quality.findings
        ],
        "counts": dict(quality.counts),
        **gate_document(quality),
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
    if quality.validation is not None:
        facts["expectations"] = quality.validation.summary()
    if decision.quality is None:
        facts["error"] = decision.reason
    return facts
