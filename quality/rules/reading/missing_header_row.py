"""Header row beyond the data."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="missing-header-row",
    title="没有这一表头行",
    title_en="Header row beyond the data",
    template="the headings should stand in row {row}, and the last row with a value is {last}",
    fix="set the right header_row in the entry's source",
    fix_zh="在目录条目的来源中写明正确的表头行 header_row",
    indicator="0302",
)
