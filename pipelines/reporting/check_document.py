"""The outcome of a self-check as JSON (INTERFACE.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.plan import Decision, Verdict, gate_document
from pipelines.scores import Scores, groups_document, scores_document, standing_document
from quality.finding import Quality


def check_document(decisions: Sequence[Decision], scores: Scores) -> dict[str, Any]:
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
