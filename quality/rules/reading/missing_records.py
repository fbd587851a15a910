"""Missing records."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="missing-records",
    title="找不到记录列表",
    title_en="Missing records",
    template="there is no list of records at {path}: {detail}",
    fix="name the dotted path to the list as records in the entry's source",
    fix_zh="在目录条目的来源中用 records 写明列表的路径",
    indicator="0302",
)
