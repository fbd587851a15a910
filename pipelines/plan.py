"""The plan: for each dataset what a run would do and why; and what it did, once it is done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipelines.handover import Changes
from quality.finding import Finding, Quality
from resource_catalog.errors import UsageError


class Verdict(StrEnum):
    """What would happen, or happened, to a dataset; in the order in which a reader wants to see them."""

    FAILED = "failed"
    BLOCKED = "blocked"
    WITHDRAW = "withdraw"
    WITHDRAWN = "withdrawn"
    NEW = "new"
    UPDATE = "update"
    PUBLISHED = "published"
    HELD = "held"
    UNCHANGED = "unchanged"


#: Verdicts that make a run end with exit code 1.
TROUBLE = frozenset({Verdict.FAILED, Verdict.BLOCKED})
#: Verdicts of a plan that publish has work for.
WORK = frozenset({Verdict.NEW, Verdict.UPDATE, Verdict.WITHDRAW})


@dataclass(frozen=True)
class Confirmation:
    """What of a release someone must confirm: `token` stands for just that; `by` has confirmed it, "" for nobody."""

    needed: tuple[str, ...]
    token: str
    by: str = ""


@dataclass(frozen=True)
class Decision:
    """One dataset's line of the plan, or of what was done.

    `release` is the number that readers see, or would see; `inputs` is the fingerprint of what it is made of; `targets`
    has per target what it shows or what happened there; `confirmation` is there where the release leaps away from the
    last one; `breaks` has what of other bureaus' contracts it breaks.
    """

    dataset: str
    title: str
    owner: str
    verdict: Verdict
    reason: str
    release: int | None = None
    digest: str = ""
    changes: Changes = Changes()
    schema_changes: tuple[str, ...] = ()
    quality: Quality | None = None
    inputs: str = ""
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    confirmation: Confirmation | None = None
    breaks: tuple[Mapping[str, str], ...] = ()

    @property
    def rows(self) -> int | None:
        """Rows of the checked table, where one was."""
        return self.quality.rows if self.quality else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Examples of what the check found."""
        return self.quality.findings if self.quality else ()


def worst_first(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions by verdict, trouble first, then by id."""
    order = list(Verdict)
    return sorted(decisions, key=lambda decision: (order.index(decision.verdict), decision.dataset))


def as_document(run: str, decisions: Iterable[Decision], report: Path | None) -> dict[str, Any]:
    """The plan or run in the form of `--json` (INTERFACE.md)."""
    return {
        "run": run,
        "datasets": [_as_json(decision) for decision in sorted(decisions, key=lambda decision: decision.dataset)],
        "report": str(report) if report else None,
    }


def _as_json(decision: Decision) -> dict[str, Any]:
    quality = decision.quality
    return {
        "id": decision.dataset,
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "release": decision.release,
        "digest": decision.digest,
        "rows": decision.rows,
        "changes": {
            "added": decision.changes.added,
            "removed": decision.changes.removed,
            "changed": decision.changes.changed,
        },
        "schema_changes": list(decision.schema_changes),
        "score": quality.score if quality else None,
        "findings": {"must": quality.must if quality else 0, "should": quality.should if quality else 0},
        **gate_document(quality),
        "confirmation": asdict(decision.confirmation) if decision.confirmation else None,
        "breaks": [dict(one) for one in decision.breaks],
        "inputs": decision.inputs,
        "targets": {name: dict(facts) for name, facts in decision.targets.items()},
    }


def gate_document(quality: Quality | None) -> dict[str, Any]:
    """For `--json`: the rows held back, None where none is, and the waivers that let findings pass."""
    held = quality.held_back if quality else None
    return {
        "held_back": {"rows": held.rows, "of": held.of, "rules": dict(held.rules)} if held else None,
        "waived": [{**asdict(one), "until": one.until.isoformat()} for one in quality.waived] if quality else [],
    }


#: What of a decision a saved plan is bound to: if one of these moved, it is another plan.
_BOUND = ("verdict", "release", "inputs", "rows", "changes", "schema_changes", "targets")


def save_plan(file: Path, run: str, decisions: Iterable[Decision]) -> None:
    """Keep a plan in a JSON file.

    Raises:
        UsageError: the file can't be written.
    """
    try:
        file.write_text(json.dumps(as_document(run, decisions, None), ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(
            f"the plan can't be saved: {error.strerror}", where=str(file), fix="name another file with --save"
        ) from error


@dataclass(frozen=True)
class SavedPlan:
    """What a saved plan is bound to, by dataset; and the confirmations that were given when it was made."""

    datasets: Mapping[str, Any]
    confirmations: Mapping[str, str]


def load_plan(file: Path) -> SavedPlan:
    """A saved plan.

    Raises:
        UsageError: the file is missing or no plan.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        bound = {dataset["id"]: {key: dataset[key] for key in _BOUND} for dataset in document["datasets"]}
        asked = [dataset.get("confirmation") for dataset in document["datasets"]]
        return SavedPlan(bound, {one["token"]: one["by"] for one in asked if one and one["by"]})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"this is no saved plan: {error}", where=str(file), fix="save one with: opendata plan --save FILE"
        ) from error


def moved_since(saved: Mapping[str, Any], decisions: Iterable[Decision]) -> list[str]:
    """What is no longer as a saved plan saw it, a sentence each."""
    now = {decision.dataset: _as_json(decision) for decision in decisions}
    said = [f"{dataset}: is in the plan, and no longer to be planned" for dataset in saved if dataset not in now]
    for dataset, facts in now.items():
        then = saved.get(dataset)
        if then is None:
            said.append(f"{dataset}: is new since the plan")
            continue
        said += [f"{dataset}: {key} was {then[key]}, is {facts[key]}" for key in _BOUND if then[key] != facts[key]]
    return said
