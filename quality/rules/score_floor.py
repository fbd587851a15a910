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
    fix_zh="先改正其他规则查出的问题；门槛有误的，修改目录条目的 quality.minimum_score，"
    "条目未设的，修改 agency.yaml 的 thresholds.minimum_score",
    indicator="0104",
)
