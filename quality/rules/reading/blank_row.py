"""Blank row."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

RULE = Rule(
    code="blank-row",
    title="空行",
    title_en="Blank row",
    template="no cell of the row has a value; it was passed over",
    fix="remove the row in the source, or fill in what it should say",
    fix_zh="在源数据中删去该空行，或者补上应有的内容",
    indicator="0201",
    severity=Severity.SHOULD,
)
