"""Content is not of the declared format."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="not-this-format",
    title="文件内容与格式不符",
    title_en="Content is not of the declared format",
    template="the file is no readable {format}: {detail}",
    fix="export the file again, or name its real format in the entry's source",
    fix_zh="重新导出文件，或者在目录条目的来源中写明实际格式",
    indicator="0302",
)
