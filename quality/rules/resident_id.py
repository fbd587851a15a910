"""Standard `resident-id`: residents' numbers (公民身份号码, GB 11643-1999); messages tell nothing of the number."""

from __future__ import annotations

from collections.abc import Iterator

from quality.finding import Severity
from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="resident-id-format",
    title="公民身份号码格式不符",
    title_en="No resident's number",
    template="{value!r} is no resident's number: 17 digits and a check of 0-9 or X, or 15 digits",
    fix="copy the number from the identity card; what a spreadsheet rounded is lost, and must be asked for again",
    fix_zh="按身份证重新录入；被电子表格舍入的尾数已丢失，须重新索取",
    indicator="0101",
)
CHECK_DIGIT = Rule(
    code="resident-id-check-digit",
    title="公民身份号码校验码错误",
    title_en="Wrong check character in a resident's number",
    template="the check character of {value!r} does not go with the other 17",
    fix="compare with the identity card: a character is wrong, two changed places, or a spreadsheet rounded it",
    fix_zh="与身份证核对：有一位有误、两位颠倒，或者被电子表格舍入",
    indicator="0301",
)
BIRTH_DATE = Rule(
    code="resident-id-birth-date",
    title="公民身份号码中的出生日期不存在",
    title_en="No day of the calendar in a resident's number",
    template="the birth date in {value!r} is no day of the calendar since 1800",
    fix="compare with the identity card",
    fix_zh="与身份证核对",
    indicator="0301",
)
BORN_AFTER_RECORD = Rule(
    code="resident-id-born-after-record",
    title="出生日期晚于记录日期",
    title_en="Born after the record's date",
    template="the birth date in {value!r} lies after the record's own date",
    fix="compare with the identity card, and look at the record's date",
    fix_zh="与身份证核对，并核对记录日期",
    indicator="0301",
)
LEGACY = Rule(
    code="resident-id-legacy",
    title="使用已停用的15位公民身份号码",
    title_en="Resident's number of 15 digits, which is out of use",
    template="{value!r} has the form of 15 digits, which is out of use since 2013",
    fix="ask for the number of 18 digits, or set standardLegacy for a field that keeps old numbers",
    fix_zh="索取18位号码；保存旧号码的字段可设置 standardLegacy",
    indicator="0101",
    severity=Severity.SHOULD,
)
RULES = (FORMAT, CHECK_DIGIT, BIRTH_DATE, BORN_AFTER_RECORD, LEGACY)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(
        schema,
        "resident-id",
        FORMAT,
        fault_rule("birth-date", BIRTH_DATE),
        fault_rule("check-digit", CHECK_DIGIT),
        fault_rule("born-after-record", BORN_AFTER_RECORD),
        fault_rule("legacy", LEGACY),
    )
