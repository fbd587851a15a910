"""Two headings for one field."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="ambiguous-heading",
    title="两个列名指向同一字段",
    title_en="Two headings for one field",
    template="the headings {other!r} and {column!r} both lead to the field {field}",
    fix="rename or remove one of the two columns in the source, or mend columns in the entry's source",
    fix_zh="在源数据中给其中一列改名或者删去一列，或者改正目录条目来源中的 columns",
    indicator="0302",
)
