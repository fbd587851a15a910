"""Source changed while it was read."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="source-changed",
    title="读取过程中文件被修改",
    title_en="Source changed while it was read",
    template="the file changed while it was read",
    fix="run again once the export has finished",
    fix_zh="待导出完成后重新运行",
    indicator="0502",
)
