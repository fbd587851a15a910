"""The agency's own threshold: a dataset whose score lies below it is not published."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="score-floor",
    title="质量得分低于门槛",
    title_en="Score below the agency's threshold",
    template="the score {score} is below the {floor} that agency.yaml demands",
    fix="mend the findings of the other rules, or change thresholds.minimum_score in agency.yaml",
    fix_zh="先改正其他规则查出的问题；门槛有误的，修改 agency.yaml 的 thresholds.minimum_score",
    indicator="0104",
)
