"""What a release's `quality.json` says, ready for a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The dimensions of GB/T 36344-2018 (standards.md 2.1) by the names that reports use.
DIMENSION_NAMES = {
    "规范性": "Conformity", "完整性": "Completeness", "准确性": "Accuracy", "一致性": "Consistency",
    "时效性": "Timeliness", "可访问性": "Accessibility",
}  # fmt: skip
_CHINESE = {english.lower(): chinese for chinese, english in DIMENSION_NAMES.items()}


@dataclass(frozen=True)
class Dimension:
    """One dimension's name in both languages and its score of 100; None where it couldn't be evaluated."""

    zh: str
    en: str
    score: float | None


@dataclass(frozen=True)
class Indicator:
    """One indicator of the profile: A over B and X, or why there is none; `fewer_is_better` of a rate."""

    code: str
    zh: str
    en: str
    a: int | None
    b: int | None
    value: float | None
    fewer_is_better: bool
    reason: str
    reason_en: str


@dataclass(frozen=True)
class Rule:
    """A rule that rows or columns broke: how often, and how grave that is; how many of them are waived."""

    rule: str
    title: str
    severity: str
    count: int
    waived: int = 0


@dataclass(frozen=True)
class Waiver:
    """Findings of a rule that were let pass until a day: why, and who decided it. `column` "" is any column."""

    rule: str
    title: str
    column: str
    count: int
    reason: str
    person: str
    until: str


@dataclass(frozen=True)
class HeldBack:
    """Rows that are not in the release because they broke rules: how many of how many, and per title how many."""

    rows: int
    of: int
    rules: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class QualitySummary:
    """The score of 100, the dimensions and indicators behind it, and the rules that were broken, worst first.

    A release from before they were recorded has no indicators, and "" for the profile.
    """

    score: float | None
    dimensions: tuple[Dimension, ...]
    rules: tuple[Rule, ...]
    profile: str = ""
    indicators: tuple[Indicator, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    held_back: HeldBack | None = None

    def count(self, severity: str) -> int:
        """How many findings of that severity there are, without those that are waived."""
        return sum(rule.count - rule.waived for rule in self.rules if rule.severity == severity)


def _dimension(name: str, score: float | None) -> Dimension:
    chinese = _CHINESE.get(name.lower(), name)
    return Dimension(chinese, DIMENSION_NAMES.get(chinese, ""), score)


def _indicator(document: Mapping[str, Any]) -> Indicator:
    return Indicator(
        code=str(document["code"]),
        zh=str(document["name"]),
        en=str(document["name_en"]),
        a=document["a"],
        b=document["b"],
        value=document["value"],
        fewer_is_better=document["kind"] == "rate",
        reason=document["reason"] or "",
        reason_en=document["reason_en"] or "",
    )


def _rule(document: Mapping[str, Any], waivers: Sequence[Waiver]) -> Rule:
    name = str(document["rule"])
    waived = sum(waiver.count for waiver in waivers if waiver.rule == name)
    return Rule(name, str(document.get("title") or name), str(document["severity"]), int(document["count"]), waived)


def _waiver(document: Mapping[str, Any]) -> Waiver:
    said = {key: str(document[key]) for key in ("rule", "title", "column", "reason", "person", "until")}
    return Waiver(count=int(document["count"]), **said)


def _held_back(document: Mapping[str, Any] | None) -> HeldBack | None:
    if document is None:
        return None
    rules = tuple((str(rule["title"]), int(rule["rows"])) for rule in document["rules"])
    return HeldBack(int(document["rows"]), int(document["of"]), rules)


def read_quality_summary(release_folder: Path) -> QualitySummary | None:
    """The summary of a release; None where the release carries none."""
    path = release_folder / "quality.json"
    if not path.is_file():
        return None
    document = json.loads(path.read_bytes())
    waivers = tuple(_waiver(waiver) for waiver in document.get("waivers") or [])
    rules = [_rule(rule, waivers) for rule in document.get("rules") or []]
    dimensions = tuple(_dimension(name, score) for name, score in (document.get("dimensions") or {}).items())
    worst_first = sorted(rules, key=lambda rule: (rule.severity != "must", -rule.count, rule.rule))
    return QualitySummary(
        score=document.get("score"),
        dimensions=dimensions,
        rules=tuple(worst_first),
        profile=document.get("profile") or "",
        indicators=tuple(_indicator(one) for one in document.get("indicators") or []),
        waivers=waivers,
        held_back=_held_back(document.get("held_back")),
    )
