"""Ragged row."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="ragged-row",
    title="行的列数与表头不一致",
    title_en="Ragged row",
    template="the row has {cells} cells where the headings have {columns}",
    fix="look for a missing or an unquoted delimiter in this row",
    fix_zh="检查本行是否缺少分隔符，或者有分隔符未加引号",
    indicator="0302",
)
