"""Waiver over."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

RULE = Rule(
    code="waiver-expired",
    title="豁免已到期",
    title_en="Waiver over",
    template="the waiver of {waived_rule}{where} held until {until}: what it let pass blocks again",
    fix="mend what it was for in the source, and take the waiver out of the entry; or decide anew on it",
    fix_zh="在源数据中改正所豁免的问题并从目录条目中删去豁免，或者重新决定",
    indicator="0104",
    severity=Severity.SHOULD,
)
