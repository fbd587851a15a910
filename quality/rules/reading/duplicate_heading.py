"""Duplicate heading."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="duplicate-heading",
    title="表头列名重复",
    title_en="Duplicate heading",
    template="the heading {column!r} stands in columns {first} and {second}",
    fix="rename one of the two columns",
    fix_zh="给其中一列改名",
    indicator="0302",
)
