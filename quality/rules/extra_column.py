"""Extra column."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="extra-column",
    title="多出列",
    title_en="Extra column",
    template="the source has the column {column!r}, which the schema lacks",
    fix="describe it in the schema, say under columns in the entry's source which field it is, or take it out",
    fix_zh="在数据结构中补充该列；属于已有字段的，在目录条目的来源 columns 中说明；不应提供的，从源数据中删去",
    indicator="0102",
)
