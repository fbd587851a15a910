"""Embedded object."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="embedded-object",
    title="工作簿嵌有其他文件",
    title_en="Embedded object",
    template="another document is embedded in the workbook ({part})",
    fix="remove the object and save again",
    fix_zh="删去嵌入的文件后另存",
    indicator="0106",
)
