"""Number that is not finite."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="not-finite",
    title="数值不是有限数",
    title_en="Number that is not finite",
    template="{value} is no number in JSON (RFC 8259, section 6)",
    fix="write null where there is no value",
    fix_zh="没有值的写 null",
    indicator="0302",
)
