"""Scores beyond one table: of sections and of the agency, of a dataset's releases, and how timely its data are."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.plan import TROUBLE, Decision
from quality.assessment import Assessment, Tally
from quality.score import assess_by_all, summed
from quality.score_document import assessment_document, indicator_documents


@dataclass(frozen=True)
class Timeliness:
    """0502 of one dataset as of a day: whether its release is as young as its cycle promises; None where nothing says.

    It is no part of any score, which is a function of the data alone: a score that changed overnight without them could
    neither be compared nor gate, and no release could be made twice alike.
    """

    as_of: datetime.date
    age_days: int | None = None
    promised_days: int | None = None
    reason: str = ""
    reason_en: str = ""

    @property
    def on_time(self) -> bool | None:
        """Whether the promise is kept."""
        if self.age_days is None or self.promised_days is None:
            return None
        return self.age_days <= self.promised_days


@dataclass(frozen=True)
class ReleaseScore:
    """The score that a release was published with; `problem` where its quality.json can't be read."""

    release: int
    at: datetime.datetime | None
    profile: str = ""  # "" of a release from before profiles were recorded
    score: float | None = None
    dimensions: Mapping[str, float | None] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Standing:
    """What is known of a checked dataset beside its table: its releases' scores, oldest first, and its timeliness."""

    history: tuple[ReleaseScore, ...]
    timeliness: Timeliness


@dataclass(frozen=True)
class GroupScore:
    """The datasets of one section or of all the agency as one: A and B are sums over them.

    `not_scored` are those whose table could not be read or judged: the score says nothing of them. `timely` counts
    datasets, and is no part of the score.
    """

    owner: str
    datasets: int
    valid: int
    not_scored: tuple[str, ...]
    timely: Tally
    assessments: tuple[Assessment, ...]

    @property
    def own(self) -> Assessment:
        """By the agency's own profile."""
        return self.assessments[0]


@dataclass(frozen=True)
class Scores:
    """What a check of catalogued datasets knows beside each table; nothing of a file that no catalogue has."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    sections: tuple[GroupScore, ...] = ()
    agency: GroupScore | None = None


def scores_of(decisions: Sequence[Decision], standings: Mapping[str, Standing], profile: str) -> Scores:
    """The scores of the sections that answer for the datasets, by name, and that of the agency."""
    owners = sorted({decision.owner for decision in decisions})
    sections = tuple(
        _group(owner, [decision for decision in decisions if decision.owner == owner], standings, profile)
        for owner in owners
    )
    return Scores(standings, sections, _group("", decisions, standings, profile))


def _group(owner: str, decisions: Sequence[Decision], standings: Mapping[str, Standing], profile: str) -> GroupScore:
    known = [standings[decision.dataset].timeliness for decision in decisions if decision.dataset in standings]
    judged = [one for one in known if one.on_time is not None]
    return GroupScore(
        owner=owner,
        datasets=len(decisions),
        valid=sum(decision.verdict not in TROUBLE for decision in decisions),
        not_scored=tuple(decision.dataset for decision in decisions if _unscored(decision)),
        timely=Tally(len(judged), sum(not one.on_time for one in judged)),
        assessments=assess_by_all(
            summed(decision.quality.counted for decision in decisions if decision.quality), profile
        ),
    )


def _unscored(decision: Decision) -> bool:
    return decision.quality is None or decision.quality.score is None


def groups_document(scores: Scores) -> dict[str, Any]:
    """Sections and agency for `--json`; nothing where no catalogue was checked."""
    if scores.agency is None:
        return {}
    return {
        "sections": [{"owner": section.owner, **_group_document(section)} for section in scores.sections],
        "agency": _group_document(scores.agency),
    }


def _group_document(group: GroupScore) -> dict[str, Any]:
    return {
        "datasets": group.datasets,
        "valid": group.valid,
        "not_scored": list(group.not_scored),
        "timeliness": {"code": "0502", "a": group.timely.judged - group.timely.failed, "b": group.timely.judged},
        **scores_document(group.assessments),
    }


def scores_document(assessments: Sequence[Assessment]) -> dict[str, Any]:
    """Score, dimensions and indicators by the agency's own profile, and all of it by each; of no score, nulls."""
    if not assessments:
        return {"profile": None, "score": None, "dimensions": {}, "indicators": [], "profiles": {}}
    own = assessments[0]
    return {
        "profile": own.profile,
        "score": own.score,
        "dimensions": dict(own.dimensions),
        "indicators": indicator_documents(own),
        "profiles": {each.profile: assessment_document(each) for each in assessments},
    }


def standing_document(standing: Standing | None) -> dict[str, Any]:
    """A dataset's history and timeliness for `--json`; nothing of what no catalogue has."""
    if standing is None:
        return {}
    timeliness = standing.timeliness
    return {
        "history": [
            {
                "release": one.release,
                "date": one.at.date().isoformat() if one.at else None,
                "profile": one.profile or None,
                "score": one.score,
                "dimensions": dict(one.dimensions),
                **({"problem": one.problem} if one.problem else {}),
            }
            for one in standing.history
        ],
        "timeliness": {
            "code": "0502",
            "as_of": timeliness.as_of.isoformat(),
            "age_days": timeliness.age_days,
            "promised_days": timeliness.promised_days,
            "a": None if timeliness.on_time is None else int(timeliness.on_time),
            "b": None if timeliness.on_time is None else 1,
            "reason": timeliness.reason or None,
            "reason_en": timeliness.reason_en or None,
        },
    }
