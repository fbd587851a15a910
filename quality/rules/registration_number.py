"""Standard `registration-number`: business registration numbers (市场主体注册号, GS 15-2006)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks, wanted
from quality.standards import registration_number
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="registration-number-format",
    title="市场主体注册号格式不符",
    title_en="No registration number",
    template="{value!r} is no registration number: 15 digits",
    fix="copy the number from the licence",
    fix_zh="按营业执照重新录入",
    indicator="0101",
)
LEGACY = Rule(
    code="registration-number-legacy",
    title="使用2007年以前的13位市场主体注册号",
    title_en="Registration number of before 2007",
    template="{value!r} has the 13 digits of before 2007, and nothing says that the record is as old",
    fix="give the number of 15 digits, or name the record's date in the field's standardDate, or set standardLegacy",
    fix_zh="填写15位号码；或者用 standardDate 指明记录日期，或者设置 standardLegacy",
    indicator="0101",
)
CHECK_DIGIT = Rule(
    code="registration-number-check-digit",
    title="市场主体注册号校验码错误",
    title_en="Wrong check digit in a registration number",
    template="the check digit of {value!r} is wrong{wanted}",
    fix="compare all 15 digits with the licence: one is wrong, or two changed places",
    fix_zh="与营业执照逐位核对15位号码：有一位有误，或者两位颠倒",
    indicator="0301",
)
RULES = (FORMAT, LEGACY, CHECK_DIGIT)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(
        schema,
        "registration-number",
        FORMAT,
        fault_rule("legacy", LEGACY),
        fault_rule("check-digit", CHECK_DIGIT, wanted=wanted(registration_number.wanted)),
    )
