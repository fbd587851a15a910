"""Waiver without a finding."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

RULE = Rule(
    code="waiver-unused",
    title="豁免没有对应的问题",
    title_en="Waiver without a finding",
    template="nothing breaks {waived_rule}{where}, which is waived until {until}",
    fix="take the waiver out of the entry",
    fix_zh="从目录条目中删去该豁免",
    indicator="0104",
    severity=Severity.SHOULD,
)
