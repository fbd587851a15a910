"""The threshold of the agency or the entry: a dataset whose score lies below it is not published."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="score-floor",
    title="质量得分低于门槛",
    title_en="Score below the threshold",
    template="the score {score} is below the {floor} that the dataset must reach",
    fix="mend the findings of the other rules, or change quality.minimum_score in the entry (without it, "
    "thresholds.minimum_score in agency.yaml)",
    indicator="0104",
)
