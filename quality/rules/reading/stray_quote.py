"""Stray quote."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="stray-quote",
    title="引号位置不当",
    title_en="Stray quote",
    template="text follows a closing quote",
    fix="double the quotes inside the cell, or name the file's quote and escape characters in the entry's source",
    fix_zh="单元格内的引号写成两个，或者在目录条目的来源中写明文件所用的引号和转义符",
    indicator="0302",
)
