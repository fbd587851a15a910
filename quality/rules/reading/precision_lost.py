"""Digits lost."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="precision-lost",
    title="长数字已被截断",
    title_en="Digits lost",
    template="the cell is a number of more than 15 digits, of which the last were lost before we read it",
    fix="format the column as text in the source and enter the numbers again; the tail can't be restored from here",
    fix_zh="在源文件中把该列设为文本格式，重新录入数字；已丢失的尾数无法由系统恢复",
    indicator="0305",
)
