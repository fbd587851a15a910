"""Too many rows to hold back."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="quarantine-ceiling",
    title="问题行超过可隔离的上限",
    title_en="Too many rows to hold back",
    template="{held} of {rows} rows break rules that block, and the entry lets {limit} be held back",
    fix="mend the findings of the other rules in the source, or change quality.quarantine in the entry",
    fix_zh="先在源数据中改正其他规则查出的问题，或者调整目录条目的 quality.quarantine",
    indicator="0104",
)
