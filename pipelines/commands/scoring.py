"""Scoring: what the ledger and the store of releases add to a check's scores: their history, and timeliness today."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipelines.commands.run import Run
from pipelines.ledger import DatasetState
from pipelines.plan import Decision
from pipelines.releases import numbers
from pipelines.scores import ReleaseScore, Scores, Standing, Timeliness, scores_of
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError
from resource_catalog.update_clock import PROMISED_DAYS


def scores_beside(run: Run, decisions: Sequence[Decision]) -> Scores:
    """Histories, timeliness, and the scores of sections and agency, of datasets that were checked."""
    standings = standings_of(run, [decision.dataset for decision in decisions])
    return scores_of(decisions, standings, run.agency.thresholds.profile)


def standings_of(run: Run, datasets: Iterable[str]) -> dict[str, Standing]:
    """Of each dataset that the catalogue has: the scores of its releases, and whether it is as fresh as it promises."""
    states = run.states()
    found = {}
    for dataset in datasets:
        try:
            entry = run.catalog.entry(dataset)
        except OpenDataError:
            continue  # what is wrong with the entry is its verdict
        state = states.get(dataset, DatasetState(dataset))
        found[dataset] = Standing(score_history(run, state), timeliness(entry, state, run.at))
    return found


def score_history(run: Run, state: DatasetState) -> tuple[ReleaseScore, ...]:
    """The scores of all releases in the store, oldest first, dated by the ledger."""
    dates = {event.release: event.at for event in state.history if event.act == "published"}
    return tuple(
        _release_score(run.home.releases / state.dataset / str(number), number, dates.get(number))
        for number in numbers(run.home.releases, state.dataset)
    )


def _release_score(folder: Path, number: int, at: datetime.datetime | None) -> ReleaseScore:
    try:
        summary: dict[str, Any] = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
        return ReleaseScore(number, at, summary.get("profile") or "", summary["score"], summary["dimensions"])
    except (OSError, ValueError, KeyError) as error:
        return ReleaseScore(number, at, problem=f"quality.json can't be read: {error}")


def timeliness(entry: Entry, state: DatasetState, now: datetime.datetime) -> Timeliness:
    """0502 as of today: the age of the last release against the promised cycle, as `opendata status` has it."""
    promised = PROMISED_DAYS.get(entry.update_cycle.code)
    published = [event.at for event in state.history if event.act == "published"]
    if state.live is None or not published:
        return Timeliness(now.date(), None, promised, "尚未发布", "not published")
    age = (now - published[0]).days
    if promised is None:
        return Timeliness(now.date(), age, None, "更新周期没有时限", "its update cycle has no clock")
    return Timeliness(now.date(), age, promised)
