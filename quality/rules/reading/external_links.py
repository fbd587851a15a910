"""External links."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="external-links",
    title="工作簿引用外部数据",
    title_en="External links",
    template="the workbook takes values from outside itself ({part}), so what it shows may be stale",
    fix="paste the linked cells as values, remove the links, and save again",
    fix_zh="把链接的单元格粘贴为数值，断开链接后另存",
    indicator="0106",
)
