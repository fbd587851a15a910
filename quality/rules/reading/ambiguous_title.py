"""Heading that is the title of several fields."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="ambiguous-title",
    title="列名对应多个字段",
    title_en="Heading that is the title of several fields",
    template="the heading {column!r} is the title of the fields {fields}",
    fix="say under columns in the entry's source which field the heading leads to, or give each field its own title",
    fix_zh="在目录条目的来源 columns 中说明该列名对应哪个字段，或者给各字段不同的标题",
    indicator="0302",
)
