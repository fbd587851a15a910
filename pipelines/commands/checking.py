"""Check: the quality self-check of the catalogue's datasets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipelines.commands.file_check import inspected_table
from pipelines.commands.planning import isolated
from pipelines.commands.run import Run
from pipelines.commands.tables import TABLE, check_entry
from pipelines.plan import Decision
from pipelines.reporting.inspected import InspectedDataset, PastScore
from pipelines.reporting.repair_table import write_repair_table
from pipelines.scores import Scores
from resource_catalog.entry import Entry
from resource_catalog.workspace import table_schema

#: Releases of a dataset whose scores make its trend.
_MOST_PAST = 24


def _check_one(run: Run, entry: Entry, mark: bool, repairs: Path | None) -> InspectedDataset:
    schema = table_schema(run.workspace, entry)
    outcome, _references = check_entry(run, entry, schema, mark=mark)
    if repairs and outcome.quality.repairs:
        write_repair_table(run.work / entry.id / TABLE, schema, repairs / f"{entry.id}.csv")
    return inspected_table(entry, outcome)


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
