"""A score as JSON: each indicator's A and B, its rules with theirs; it is public, so no value of any cell."""

from __future__ import annotations

from typing import Any

from quality.assessment import Assessment, Indicator

#: Decimals of an X, which A and B give in full.
_DIGITS = 6


def assessment_document(assessment: Assessment) -> dict[str, Any]:
    """Score, dimensions and indicators of one profile."""
    return {
        "score": assessment.score,
        "dimensions": dict(assessment.dimensions),
        "indicators": indicator_documents(assessment),
    }


def indicator_documents(assessment: Assessment) -> list[dict[str, Any]]:
    """Every indicator of the profile, also those that couldn't be evaluated, with the reason."""
    return [_indicator(one, assessment.lost.get(one.code)) for one in assessment.indicators]


def _indicator(one: Indicator, lost: float | None) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "name_en": one.name_en,
        "dimension": one.dimension,
        "kind": one.kind.value,
        "a": one.a,
        "b": one.b,
        "value": None if one.value is None else round(one.value, _DIGITS),
        "lost": None if lost is None else round(lost, 2),
        "reason": one.reason or None,
        "reason_en": one.reason_en or None,
        "parts": list(one.parts),
        "rules": _rules(one),
    }


def _rules(one: Indicator) -> list[dict[str, Any]]:
    tallies = one.counted.rules if one.counted else {}
    return [{"rule": rule, "a": one.numerator(tally), "b": tally.judged} for rule, tally in sorted(tallies.items())]
