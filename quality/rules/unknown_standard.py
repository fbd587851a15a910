"""Unknown standard."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

RULE = Rule(
    code="unknown-standard",
    title="未知的标准",
    title_en="Unknown standard",
    template="the schema says that the column meets {standard!r}, a standard unknown here; no value was judged by it",
    fix="use one of the names in schemas/README.md, or take the field's standard out of the schema",
    fix_zh="改用 schemas/README.md 所列的标准名称，或者在数据结构中删去该字段的 standard",
    indicator="0101",
    severity=Severity.SHOULD,
)
