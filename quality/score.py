"""Scores by a profile: from what was counted, through indicators and dimensions, to one figure that can be explained.

An indicator is A over B, a dimension the weighted mean of its indicators, the score the weighted mean of the
dimensions. What nothing judged is None with its reason, never 0 and never 1, and the weights of the others are taken to
their sum (standards.md 2.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quality.assessment import Assessment, Counted, Indicator, Kind, Tally
from quality.score_profiles import PROFILES, Definition, Dimension, Profile

#: Number of GB/T 36344-2018 → what was counted for it.
Counts = Mapping[str, Counted]

_NOTHING = ("没有可评价的值", "there was no value to judge")


def summed(parts: Iterable[Counts]) -> dict[str, Counted]:
    """The counts of several tables as those of one: A and B are added, so that each element weighs the same.

    A mean of the tables' scores would let a table of ten rows weigh as much as one of ten million.
    """
    total: dict[str, Counted] = {}
    for counts in parts:
        for number, counted in counts.items():
            total[number] = total.get(number, Counted()) + counted
    return total


def assess(counts: Counts, profile: Profile) -> Assessment:
    """Every indicator of a profile, the dimensions, the score, and what it costs that they are not perfect."""
    placed = _placed(counts, profile)
    known = {one.code: _evaluated(one, placed.get(one.code), profile) for one in profile.indicators if not one.parts}
    for one in profile.indicators:
        if one.parts:
            known[one.code] = _mean_of_parts(one, [known[code] for code in one.parts], profile)
    dimensions = {dimension.name: _dimension(dimension, profile, known) for dimension in profile.dimensions}
    weights = _weights(profile, known)
    return Assessment(
        profile=profile.name,
        score=_of_hundred(weights, known),
        dimensions=dimensions,
        indicators=tuple(known[one.code] for one in profile.indicators),
        lost={code: 100 * weight * (1 - (known[code].worth or 0)) for code, weight in weights.items()},
    )


def assess_by_all(counts: Counts, preferred: str) -> tuple[Assessment, ...]:
    """By every profile, the preferred one first."""
    names = sorted(PROFILES, key=lambda name: name != preferred)
    return tuple(assess(counts, PROFILES[name]) for name in names)


def _placed(counts: Counts, profile: Profile) -> dict[str, Counted]:
    """The counts by the profile's own codes."""
    placed: dict[str, Counted] = {}
    for number, counted in counts.items():
        for code, rules in _rules_by_code(number, counted, profile).items():
            # All its rules together: then the whole is kept as it was counted, for elements that broke two of them.
            whole = counted.whole if len(rules) == len(counted.rules) else sum(rules.values(), Tally())
            placed[code] = placed.get(code, Counted()) + Counted(whole, rules)
    return placed


def _rules_by_code(number: str, counted: Counted, profile: Profile) -> dict[str, dict[str, Tally]]:
    found: dict[str, dict[str, Tally]] = {}
    for rule, tally in counted.rules.items():
        for code in profile.codes_for(number, rule):
            found.setdefault(code, {})[rule] = tally
    return found or {code: {} for code in profile.codes_for(number, "")}


def _evaluated(definition: Definition, counted: Counted | None, profile: Profile) -> Indicator:
    if counted is None:
        return _indicator(definition, profile, None, None, definition.reason, definition.reason_en)
    judged, failed = counted.whole.judged, counted.whole.failed
    if not judged:
        return _indicator(definition, profile, counted, None, *_NOTHING)
    numerator = failed if definition.kind is Kind.RATE else judged - failed
    return _indicator(definition, profile, counted, numerator / judged)


def _indicator(
    definition: Definition,
    profile: Profile,
    counted: Counted | None,
    value: float | None,
    reason: str = "",
    reason_en: str = "",
) -> Indicator:
    return Indicator(
        code=definition.code,
        name=definition.name,
        name_en=definition.name_en,
        dimension=profile.dimension_of(definition.code).name,
        kind=definition.kind,
        counted=counted,
        value=value,
        parts=definition.parts,
        reason=reason,
        reason_en=reason_en,
    )


def _mean_of_parts(definition: Definition, parts: list[Indicator], profile: Profile) -> Indicator:
    values = [part.worth for part in parts if part.worth is not None]
    if not values:
        return _indicator(definition, profile, None, None, definition.reason, definition.reason_en)
    return _indicator(definition, profile, None, sum(values) / len(values))


def _own(dimension: Dimension, profile: Profile, known: Mapping[str, Indicator]) -> dict[str, float]:
    """Code → weight within its dimension, together 1, of what was evaluated and is part of no other indicator."""
    inner = {part for one in profile.indicators for part in one.parts}
    weights = {
        one.code: one.weight
        for one in profile.indicators
        if one.code.startswith(dimension.prefix) and one.code not in inner and known[one.code].worth is not None
    }
    together = sum(weights.values())
    return {code: weight / together for code, weight in weights.items()}


def _dimension(dimension: Dimension, profile: Profile, known: Mapping[str, Indicator]) -> float | None:
    return _of_hundred(_own(dimension, profile, known), known)


def _of_hundred(weights: Mapping[str, float], known: Mapping[str, Indicator]) -> float | None:
    """The weighted mean in 0 … 100; only what is perfect is 100, however many were judged."""
    if not weights:
        return None
    if all(known[code].worth == 1 for code in weights):
        return 100.0
    return min(round(100 * sum(weight * (known[code].worth or 0) for code, weight in weights.items()), 2), 99.99)


def _weights(profile: Profile, known: Mapping[str, Indicator]) -> dict[str, float]:
    """Code → weight in the score, summing to 1."""
    applying = {dimension: own for dimension in profile.dimensions if (own := _own(dimension, profile, known))}
    together = sum(dimension.weight for dimension in applying)
    return {
        code: dimension.weight / together * weight
        for dimension, own in applying.items()
        for code, weight in own.items()
    }
