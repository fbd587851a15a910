"""Hidden row or column."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

RULE = Rule(
    code="hidden-cells",
    title="行或列被隐藏",
    title_en="Hidden row or column",
    template="the {what} is hidden, by hand or by a filter, and is read like the others",
    fix="unhide it if it is meant, else delete it in the source",
    fix_zh="确需发布的取消隐藏，否则在源文件中删去",
    indicator="0106",
    severity=Severity.SHOULD,
)
