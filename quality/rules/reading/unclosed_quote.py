"""Unclosed quote."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="unclosed-quote",
    title="引号未闭合",
    title_en="Unclosed quote",
    template="a quote that opens in this row never closes",
    fix="close the quote, or name the file's quote character in the entry's source",
    fix_zh="补上引号，或者在目录条目的来源中写明文件所用的引号",
    indicator="0302",
)
