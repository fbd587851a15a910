"""Document numbers (文号) whose year stands in no 〔〕: in other brackets, or in none (standards.md 8 no. 21)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import matches
from quality.finding import Severity
from quality.rules.check import RowCheck, found, text
from quality.rules.rule import Rule
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="document-number",
    title="文号的年份未用六角括号",
    title_en="Document number without its brackets",
    template="the year in {value!r} does not stand in 〔〕",
    fix="write 〔year〕 in the source; where other brackets stand there, the field's repair document-number does",
    fix_zh="在源数据中把年份写在〔〕内；使用其他括号的，可为该字段声明修复 document-number",
    indicator="0302",
    scored=False,
    severity=Severity.SHOULD,
)
_NUMBERED = r"\p{Han}[^〔〕]*(?:19|20)[0-9]{2}.*号"
_RIGHT = r"〔(?:19|20)[0-9]{2}〕"


def _has_document_numbers(field: SchemaField) -> bool:
    return field.type == "string" and ("文号" in (field.title or field.name) or "document-number" in field.repair)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field of document numbers, which its title says or its repair."""
    for field in schema.fields:
        if _has_document_numbers(field):
            wrong = exp.not_(found(text(field), _RIGHT))
            yield RowCheck(RULE, field.name, exp.and_(matches(text(field), _NUMBERED), wrong))
