"""What the gate itself has to say: too many rows to hold back, and waivers that are over or of no use."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

QUARANTINE_CEILING = Rule(
    code="quarantine-ceiling",
    title="问题行超过可隔离的上限",
    title_en="Too many rows to hold back",
    template="{held} of {rows} rows break rules that block, and the entry lets {limit} be held back",
    fix="mend the findings of the other rules in the source, or change quality.quarantine in the entry",
    fix_zh="先在源数据中改正其他规则查出的问题，或者调整目录条目的 quality.quarantine",
    indicator="0104",
)
WAIVER_EXPIRED = Rule(
    code="waiver-expired",
    title="豁免已到期",
    title_en="Waiver over",
    template="the waiver of {waived_rule}{where} held until {until}: what it let pass blocks again",
    fix="mend what it was for in the source, and take the waiver out of the entry; or decide anew on it",
    fix_zh="在源数据中改正所豁免的问题并从目录条目中删去豁免，或者重新决定",
    indicator="0104",
    severity=Severity.SHOULD,
)
WAIVER_UNUSED = Rule(
    code="waiver-unused",
    title="豁免没有对应的问题",
    title_en="Waiver without a finding",
    template="nothing breaks {waived_rule}{where}, which is waived until {until}",
    fix="take the waiver out of the entry",
    fix_zh="从目录条目中删去该豁免",
    indicator="0104",
    severity=Severity.SHOULD,
)
RULES = (QUARANTINE_CEILING, WAIVER_EXPIRED, WAIVER_UNUSED)
