"""Codes that a spreadsheet took for numbers: 3.10101E+17, or sixteen digits and more that end in zeros.

The tail is lost and never to be restored from here (standards.md 8 no. 11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from quality.cells import matches, only_if
from quality.check_digits import luhn_passes, resident_id_passes, uscc_passes
from quality.rules.check import RowCheck, found, if_suspicious, text
from quality.rules.rule import Rule
from quality.suspicion import SCIENTIFIC, is_looked_at
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="lost-digits",
    title="长编码被转成数值而失真",
    title_en="Code turned into a number",
    template="{value!r} was a longer code before a spreadsheet took it for a number; its last digits are lost",
    fix="format the column as text in the source and enter the codes again; the tail can't be restored from here",
    fix_zh="在源文件中把该列设为文本格式，重新录入代码；已丢失的尾数无法由系统恢复",
    indicator="0301",
    scored=False,
)
_PASSES: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    "resident-id": resident_id_passes,
    "uscc": uscc_passes,
    "bank-card": luhn_passes,
}
#: A double keeps fifteen digits.
_ROUNDED = r"[0-9A-Z]{15}0{1,4}"


def _fails(field: SchemaField) -> exp.Expr:
    scientific = if_suspicious(field, found(text(field), SCIENTIFIC))
    passes = _PASSES.get(field.standard)
    if passes is None:
        return scientific
    wrong = exp.not_(exp.Coalesce(this=passes(text(field)), expressions=[exp.false()]))
    return exp.or_(scientific, only_if(matches(text(field), _ROUNDED), wrong))


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per column of text; ends in zeros count where the standard's check digit is wrong, too."""
    for field in schema.fields:
        if field.type == "string" and is_looked_at(field):
            yield RowCheck(RULE, field.name, _fails(field), of_suspects=field.standard not in _PASSES)
