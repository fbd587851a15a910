"""Incomplete catalogue."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="catalogue-incomplete",
    title="目录不完整",
    title_en="Incomplete catalogue",
    template="{resource} can't be read, so that its row would be missing or wrong: {detail}",
    fix="mend it: opendata catalog check shows where",
    fix_zh="改正目录条目；opendata catalog check 会指出位置",
    indicator="0202",
)
