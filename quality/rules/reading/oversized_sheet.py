"""Oversized sheet."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="oversized-sheet",
    title="工作表范围过大",
    title_en="Oversized sheet",
    template="the sheet's cells reach to row {rows} and column {columns}, which is more than can be read at once",
    fix="delete stray cells far from the table, or export the data as CSV",
    fix_zh="删去远离表格的零散单元格，或者导出为 CSV",
    indicator="0302",
)
