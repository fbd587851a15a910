"""Reserved heading."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="reserved-heading",
    title="列名被系统占用",
    title_en="Reserved heading",
    template="the heading {column!r} is the name under which rows are numbered",
    fix="rename the column in the source",
    fix_zh="在源数据中给该列改名",
    indicator="0302",
)
