"""Duplicate key."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="duplicate-key",
    title="对象中键名重复",
    title_en="Duplicate key",
    template="the object has the name {column!r} twice, so one of its values would be lost",
    fix="rename or remove one of the two in the source",
    fix_zh="在源数据中给其中一个键改名或者删去一个",
    indicator="0302",
)
