"""Standard `bank-card`: bank card numbers (银行卡号); messages tell nothing of the number."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="bank-card-format",
    title="银行卡号格式不符",
    title_en="No bank card number",
    template="{value!r} is no bank card number: 13 to 19 digits",
    fix="copy the number from the card; what a spreadsheet rounded is lost, and must be asked for again",
    fix_zh="按银行卡重新录入；被电子表格舍入的尾数已丢失，须重新索取",
    indicator="0101",
)
CHECK_DIGIT = Rule(
    code="bank-card-check-digit",
    title="银行卡号校验码错误",
    title_en="Wrong check digit in a bank card number",
    template="the check digit of {value!r} does not go with the others (Luhn)",
    fix="compare with the card: one digit is wrong, or two changed places",
    fix_zh="与银行卡核对：有一位有误，或者两位颠倒",
    indicator="0301",
)
RULES = (FORMAT, CHECK_DIGIT)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "bank-card", FORMAT, fault_rule("check-digit", CHECK_DIGIT))
