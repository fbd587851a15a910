"""Doubtful encoding."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="doubtful-encoding",
    title="字符编码存疑",
    title_en="Doubtful encoding",
    template="the bytes can be read as {encoding}, but most of its characters are no usual Chinese, such as {sample}",
    fix="name the file's real encoding in the entry's source, or export the file as UTF-8",
    fix_zh="在目录条目的来源中写明实际编码，或者按 UTF-8 重新导出",
    indicator="0302",
)
