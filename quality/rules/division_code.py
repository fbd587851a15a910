"""Standard `division-code`: division codes (行政区划代码, GB/T 2260), beside what a code list says of them."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="division-code-format",
    title="行政区划代码格式不符",
    title_en="No division code",
    template="{value!r} is no division code: six digits, or nine or twelve with the subdivisions of GB/T 10114",
    fix="use the code of GB/T 2260",
    fix_zh="改用 GB/T 2260 的代码",
    indicator="0101",
)
PROVINCE = Rule(
    code="division-code-province",
    title="行政区划代码的省级代码不存在",
    title_en="No province of that code",
    template="{value!r} begins with the code of no province",
    fix="use the code of GB/T 2260; a code list on the field (codeList) judges all six digits, by the record's date",
    fix_zh="改用 GB/T 2260 的代码；为字段设置 codeList 可按记录日期核对全部六位",
    indicator="0105",
)
RULES = (FORMAT, PROVINCE)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "division-code", FORMAT, fault_rule("province", PROVINCE))
