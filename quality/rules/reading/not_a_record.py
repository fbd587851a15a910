"""Not a record."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="not-a-record",
    title="记录不是键值对象",
    title_en="Not a record",
    template="the item is no object of names and values",
    fix="export a list of objects, or name the path to it as records in the entry's source",
    fix_zh="导出为对象列表，或者在目录条目的来源中用 records 写明列表的路径",
    indicator="0302",
)
