"""Constraint `pattern`: the whole text must match a regular expression."""

from __future__ import annotations

from collections.abc import Iterator

from quality.cells import matches
from quality.rules.check import RowCheck, fits, text
from quality.rules.rule import Rule
from quality.suspicion import is_judged_by_pattern
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="pattern",
    title="不符合规定格式",
    title_en="Pattern not matched",
    template="{value!r} does not match {pattern}",
    fix="correct the value, or the field's pattern in the schema",
    fix_zh="按规定格式改正；格式规定有误的，修改数据结构中该字段的 pattern",
    indicator="0302",
    waivable=True,
)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field with a pattern."""
    for field in schema.fields:
        pattern = field.constraints.pattern
        if pattern is not None:
            matched = fits(field) if is_judged_by_pattern(field) else matches(text(field), pattern)
            yield RowCheck(RULE, field.name, matched.not_(), {"pattern": pattern})
