"""Macros."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="macros",
    title="工作簿含宏",
    title_en="Macros",
    template="the workbook carries program code ({part})",
    fix="save it as a workbook without macros",
    fix_zh="另存为不含宏的工作簿",
    indicator="0106",
)
