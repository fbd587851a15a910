"""The catalogue's self-check as each owner's list of things to mend, and as one document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from pipelines.reporting.lines import Lines
from pipelines.reporting.words import metadata_words
from pipelines.self_check import SelfCheck
from quality.metadata_quality import MetadataScore
from resource_catalog.issues import Issue


def is_to_mend(found: SelfCheck) -> bool:
    """Whether there is a fault that must be mended."""
    return any(issue.fault.severity == "must" for issue in found.issues)


def _must(issues: Iterable[Issue]) -> int:
    return sum(issue.fault.severity == "must" for issue in issues)


def _by_owner(issues: Sequence[Issue]) -> list[tuple[str, list[Issue]]]:
    """Owners with their issues: who has most to mend first; of each, what must be mended first, then by due date."""
    ranked = sorted(issues, key=lambda issue: issue.owner)
    groups = [(owner, list(group)) for owner, group in groupby(ranked, key=lambda issue: issue.owner)]
    for _, group in groups:
        group.sort(key=lambda issue: (issue.fault.severity, issue.due_on, issue.fault.entry))
    return sorted(groups, key=lambda pair: (-_must(pair[1]), -len(pair[1]), pair[0]))


def print_self_check(found: SelfCheck, out: TextIO) -> None:
    """A block per owner, then the points of the metadata, what was not looked at, and the sum."""
    lines = Lines(out)
    for owner, issues in _by_owner(found.issues):
        must = _must(issues)
        lines.say(f"{owner}: {must} to mend, {len(issues) - must} to improve")
        for issue in issues:
            fault = issue.fault
            about = fault.entry or "agency.yaml"
            lines.say(f"{fault.severity}  {fault.rule} {issue.title}  {about}  due {issue.due_on}", 1)
            lines.say(f"{issue.place}: {fault.message}", 2)
            lines.say(f"→ {fault.fix}", 2)
    if found.metadata:
        lines.say(f"metadata {metadata_words(found.metadata_of_all.document).en}: {_dimensions(found.metadata_of_all)}")
    for dataset, why in found.not_compared.items():
        lines.say(f"columns not compared: {dataset}: {why}")
    if found.entered:
        lines.say(f"ledger: {', '.join(f'{count} {word}' for word, count in found.entered.items())}")
    must = _must(found.issues)
    lines.say(f"{found.entries} entries, {must} faults to mend, {len(found.issues) - must} to improve")


def _dimensions(score: MetadataScore) -> str:
    return ", ".join(f"{name} {points:g}/{of}" for name, (points, of) in score.dimensions.items())


def self_check_document(found: SelfCheck) -> dict[str, Any]:
    """The self-check for `--json`; files are named from the workspace's folder."""
    return {
        "entries": found.entries,
        "faults": [_fault_document(issue, found.workspace) for issue in found.issues],
        "counts": {"must": _must(found.issues), "should": len(found.issues) - _must(found.issues)},
        "metadata": {
            "all": _score_document(found.metadata_of_all),
            "datasets": {dataset: _score_document(score) for dataset, score in found.metadata.items()},
        },
        "not_compared": dict(found.not_compared),
        "ledger": dict(found.entered) or None,
    }


def _fault_document(issue: Issue, workspace: Path) -> dict[str, Any]:
    fault = issue.fault
    return {
        "issue": issue.id,
        "rule": fault.rule,
        "title": issue.title,
        "severity": fault.severity,
        "dataset": fault.entry,
        "owner": issue.owner,
        "file": fault.file.relative_to(workspace).as_posix(),
        "line": fault.line,
        "message": fault.message,
        "fix": fault.fix,
        "found": issue.found_on.isoformat(),
        "due": issue.due_on.isoformat(),
    }


def _score_document(score: MetadataScore) -> dict[str, Any]:
    dimensions = {name: {"points": points, "evaluated": of} for name, (points, of) in score.dimensions.items()}
    return {**score.document, "dimensions": dimensions}
