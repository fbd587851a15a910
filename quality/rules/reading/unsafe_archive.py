"""Unsafe archive."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="unsafe-archive",
    title="压缩内容异常",
    title_en="Unsafe archive",
    template="the file is not unpacked: {detail}",
    fix="save the workbook anew in a spreadsheet program, or export the data as CSV",
    fix_zh="用电子表格软件另存工作簿，或者导出为 CSV",
    indicator="0302",
)
