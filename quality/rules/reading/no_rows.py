"""Headings without rows."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="no-rows",
    title="只有表头，没有数据",
    title_en="Headings without rows",
    template="there is no row below the headings",
    fix="export the source again, or set allow_empty in the entry's source if an empty table is right",
    fix_zh="重新导出源文件；确无数据的，在目录条目的来源中设置 allow_empty",
    indicator="0202",
)
