"""Check: the quality self-check of the catalogue's datasets, or of any file against any Table Schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.commands.planning import isolated
from pipelines.commands.run import Run
from pipelines.commands.tables import check_entry, shown_discreetly
from pipelines.handover import Blocked, Checked
from pipelines.ledger import DatasetState
from pipelines.plan import Decision, Verdict
from pipelines.reporting.inspected import InspectedDataset, PastScore
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


def _check_one(run: Run, entry: Entry, mark: bool) -> InspectedDataset:
    outcome, _references = check_entry(run, entry, table_schema(run.workspace, entry), mark=mark)
    return _inspected(entry, outcome)


def with_history(run: Run, inspected: Sequence[InspectedDataset]) -> list[InspectedDataset]:
    """The datasets with the scores of their published releases that the home still has, oldest first."""
    states = run.states()
    return [
        replace(one, history=_past_scores(run.home.releases / one.dataset, states[one.dataset]))
        if one.dataset in states
        else one
        for one in inspected
    ]


def _past_scores(folder: Path, state: DatasetState) -> tuple[PastScore, ...]:
    """The last scores of a dataset; a release that is lost, or says of none, leaves a gap and harms nothing."""
    days = {event.release: event.at.date() for event in state.history if event.act == "published" and event.release}
    latest = sorted(days.items(), key=lambda each: each[0] or 0)[-_MOST_PAST:]
    found = [(number, day, _score_in(folder / str(number) / "quality.json")) for number, day in latest]
    return tuple(PastScore(number, day, score) for number, day, score in found if number and score is not None)


def _score_in(file: Path) -> float | None:
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    score = summary.get("score") if isinstance(summary, dict) else None
    return float(score) if isinstance(score, int | float) else None


def to_be_checked(run: Run, wanted: Sequence[str] = ()) -> list[Entry]:
    """The entries that are meant and have a source, whatever their openness."""
    return [found.entry for found in run.selections(wanted) if found.entry.source is not None]


def check_catalogued(run: Run, wanted: Sequence[str] = (), *, mark: bool = False) -> list[InspectedDataset]:
    """Check every dataset that is meant and has a source, whatever its openness; publishes nothing.

    With `mark` every bad cell stays in the datasets' work databases, for the sections' workbooks.
    """
    entries = to_be_checked(run, wanted)
    run.progress.start(len(entries))
    inspected = []
    for entry in entries:
        one = isolated(entry, partial(_check_one, run, entry, mark))
        inspected.append(InspectedDataset(one) if isinstance(one, Decision) else one)
        run.progress.done(entry.id, inspected[-1].decision.verdict.value)
    return inspected


def check_file(data: Path, schema_file: Path, work: Path, *, mark: bool = False) -> InspectedDataset:
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
    extracted = shown_discreetly(extract(catalog, entry, work / "table", schema.fields), schema)
    if isinstance(extracted, Blocked):
        return _inspected(entry, extracted)
    return _inspected(entry, check(extracted, schema, Thresholds(), (), mark=mark))


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
    }
    if decision.quality is None:
        facts["error"] = decision.reason
    return facts
