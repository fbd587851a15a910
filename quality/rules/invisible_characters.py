"""Characters that nobody sees: format characters, odd spaces, spaces at either end; they make equal names differ."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import literal
from quality.finding import Severity
from quality.rules.check import RowCheck, found, if_suspicious, text
from quality.rules.rule import Rule
from quality.suspicion import UNSEEN, is_looked_at
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="invisible-characters",
    title="含不可见字符",
    title_en="Invisible characters",
    template="{value!r} has the character U+{point}, which nobody sees there",
    fix="remove it in the source, or declare the repair trim (at the ends) or spaces (in codes) for the field",
    fix_zh="在源数据中删去；或者为该字段声明修复 trim（首尾）或者 spaces（代码）",
    indicator="0302",
    scored=False,
    severity=Severity.SHOULD,
)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per column of text."""
    for field in schema.fields:
        if is_looked_at(field):
            first = exp.Anonymous(this="regexp_extract", expressions=[text(field), literal(UNSEEN)])
            code = exp.Anonymous(this="unicode", expressions=[first])
            point = exp.Anonymous(this="printf", expressions=[literal("%04X"), code])
            fails = if_suspicious(field, found(text(field), UNSEEN))
            yield RowCheck(RULE, field.name, fails, told_by_row={"point": point}, of_suspects=True)
