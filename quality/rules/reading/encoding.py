"""Wrong encoding."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="encoding",
    title="字符编码不符",
    title_en="Wrong encoding",
    template="byte {byte} (0x{octet:02x}) is no {encoding}",
    fix="export the file as UTF-8 or GB18030, or name its encoding in the entry's source",
    fix_zh="按 UTF-8 或者 GB18030 重新导出，或者在目录条目的来源中写明编码",
    indicator="0302",
)
