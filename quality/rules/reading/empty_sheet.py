"""Empty sheet."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="empty-sheet",
    title="工作表为空",
    title_en="Empty sheet",
    template="the sheet has no cell with a value",
    fix="name the sheet that holds the data in the entry's source",
    fix_zh="在目录条目的来源中写明存放数据的工作表",
    indicator="0202",
)
