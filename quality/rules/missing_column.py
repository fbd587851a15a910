"""Missing column."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="missing-column",
    title="缺少列",
    title_en="Missing column",
    template="the schema's column {field} is not in the source; it has {headings}",
    fix="add the column, say under columns in the entry's source which heading it has there, or take out the field",
    fix_zh="在源数据中补上该列；列名不同的，在目录条目的来源 columns 中说明；不再需要的，从数据结构中删去该字段",
    indicator="0102",
)
