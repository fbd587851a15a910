"""Control character."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="control-character",
    title="含不可用的控制字符",
    title_en="Control character",
    template="the text has the character U+{code:04X}, which no published table may hold",
    fix="remove the character in the source",
    fix_zh="在源数据中删去该字符",
    indicator="0302",
)
