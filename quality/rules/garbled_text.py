"""Text that was read in a wrong encoding before it came here: what is left of it, or what it could be restored from."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import literal
from quality.rules.check import RowCheck, found, if_suspicious, text
from quality.rules.rule import Rule
from quality.suspicion import LOST, MOJIBAKE, is_looked_at
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="garbled-text",
    title="文字乱码",
    title_en="Garbled text",
    template="{value!r} is text that was read in a wrong encoding before it came here; {what}",
    fix="export the source again in its own encoding; what is only misread, the field's repair mojibake restores",
    fix_zh="按原编码重新导出源文件；只是误读的，可为该字段声明修复 mojibake",
    indicator="0301",
    scored=False,
)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per column of text."""
    for field in schema.fields:
        if is_looked_at(field):
            lost = found(text(field), LOST)
            what = exp.Case().when(lost, literal("parts of it are lost")).else_(literal("it looks like GBK as Latin-1"))
            fails = if_suspicious(field, exp.or_(lost.copy(), found(text(field), MOJIBAKE)))
            yield RowCheck(RULE, field.name, fails, told_by_row={"what": what}, of_suspects=True)
