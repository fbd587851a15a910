"""Blank heading."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="blank-heading",
    title="表头有空白列名",
    title_en="Blank heading",
    template="column {position} has no heading",
    fix="give the column a heading, or name the right header_row in the entry's source",
    fix_zh="补上列名，或者在目录条目的来源中写明正确的表头行 header_row",
    indicator="0302",
)
