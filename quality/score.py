"""Scores of one table by dimension of GB/T 36344-2018, from how many values each check judged and how many failed.

A dimension is the mean of its indicators, an indicator 1 − failed/judged over its checks. What nothing judged is None,
never 0 and never 1, and the weights of the others are taken to their sum (standards.md 2.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quality.scan import Outcome

#: First two digits of an indicator → (dimension, weight); weights as practice has them, the standard fixes none.
DIMENSIONS: Mapping[str, tuple[str, float]] = {
    "01": ("规范性", 0.20),
    "02": ("完整性", 0.20),
    "03": ("准确性", 0.15),
    "04": ("一致性", 0.15),
    "05": ("时效性", 0.15),
    "06": ("可访问性", 0.15),
}


def _indicators(outcomes: Iterable[Outcome]) -> dict[str, float]:
    totals: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        judged, failed = totals.get(outcome.check.rule.indicator, (0, 0))
        totals[outcome.check.rule.indicator] = (judged + outcome.judged, failed + outcome.failed)
    return {code: 1 - failed / judged for code, (judged, failed) in totals.items() if judged}


def dimensions(outcomes: Iterable[Outcome]) -> dict[str, float | None]:
    """Score of each dimension in 0 … 100, None where nothing was judged."""
    indicators = _indicators(outcomes)
    scores: dict[str, float | None] = {}
    for prefix, (name, _weight) in DIMENSIONS.items():
        own = [score for code, score in indicators.items() if code.startswith(prefix)]
        scores[name] = round(100 * sum(own) / len(own), 2) if own else None
    return scores


def total(scores: Mapping[str, float | None]) -> float | None:
    """Weighted mean of the dimensions that were judged, in 0 … 100; None where none was."""
    weights = {name: weight for name, weight in DIMENSIONS.values()}
    known = {name: score for name, score in scores.items() if score is not None}
    if not known:
        return None
    return round(sum(weights[name] * score for name, score in known.items()) / sum(weights[name] for name in known), 2)
