"""Empty file."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="empty-file",
    title="文件为空",
    title_en="Empty file",
    template="the file has no content",
    fix="export the source again",
    fix_zh="重新导出源文件",
    indicator="0202",
)
