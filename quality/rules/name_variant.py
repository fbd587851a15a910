"""Names spelled in several ways beside one and the same code (standards.md 8 no. 20).

Who is meant is told by the code alone. The normal form serves to find candidates, and stands in no release.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import literal, only_if
from quality.finding import Severity
from quality.rules.check import RowCheck, text
from quality.rules.rule import Rule
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="name-variant",
    title="同一代码的名称写法不一",
    title_en="Name in several spellings",
    template="{value!r} is spelled otherwise in another row of the same code",
    fix="write the name as the registry has it, in each of these rows of the source; nothing is changed from here",
    fix_zh="按登记的名称在源数据中统一写法；系统不会代改",
    indicator="0301",
    scored=False,
    severity=Severity.SHOULD,
)
_WIDE, _NARROW = "（）［］，．：－＆·•・", "()[],.:-&..."
_UNSEEN = r"[\s\x{00A0}\x{3000}\x{200B}-\x{200D}\x{FEFF}]"


def _normal(field: SchemaField) -> exp.Expr:
    """The name without what is written in one way or another: widths, blanks, capitals, the long form of 有限公司."""
    narrow = exp.Anonymous(this="translate", expressions=[text(field), literal(_WIDE), literal(_NARROW)])
    unblanked = exp.Anonymous(this="regexp_replace", expressions=[narrow, literal(_UNSEEN), literal(""), literal("g")])
    short = exp.Anonymous(this="replace", expressions=[unblanked, literal("有限责任公司"), literal("有限公司")])
    return exp.Upper(this=short)


def _of_group(function: type[exp.Func], field: SchemaField, code: SchemaField) -> exp.Expr:
    return exp.Window(this=function(this=text(field)), partition_by=[text(code), _normal(field)])


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field that names whom a code stands for."""
    for field in schema.fields:
        if field.name_of:
            code = schema.field(field.name_of)
            differ = exp.NEQ(this=_of_group(exp.Min, field, code), expression=_of_group(exp.Max, field, code))
            there = exp.and_(text(field).is_(exp.null()).not_(), text(code).is_(exp.null()).not_())
            yield RowCheck(RULE, field.name, only_if(there, differ), beside=(code.name,))
