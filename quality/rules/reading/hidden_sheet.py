"""Hidden sheet."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="hidden-sheet",
    title="工作表被隐藏",
    title_en="Hidden sheet",
    template="the sheet is hidden, so nobody may have meant to publish it",
    fix="unhide it, name another sheet, or set hidden: true in the entry's source",
    fix_zh="取消隐藏，或者改用其他工作表；确需使用隐藏工作表的，在目录条目的来源中设置 hidden: true",
    indicator="0106",
)
