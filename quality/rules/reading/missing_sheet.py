"""Missing sheet."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="missing-sheet",
    title="没有这个工作表",
    title_en="Missing sheet",
    template="there is no sheet {sheet_name!r}; the workbook has {sheets}",
    fix="name one of them in the entry's source",
    fix_zh="在目录条目的来源中改用现有的工作表",
    indicator="0302",
)
