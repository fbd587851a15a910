"""Standard `organisation-code`: organisation codes (组织机构代码, GB 11714-1997)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks, wanted
from quality.standards import organisation_code
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="organisation-code-format",
    title="组织机构代码格式不符",
    title_en="No organisation code",
    template="{value!r} is no organisation code: eight of 0-9 and A-Z, and a check of 0-9 or X",
    fix="copy the code from the certificate",
    fix_zh="按代码证书重新录入",
    indicator="0101",
)
CHECK_DIGIT = Rule(
    code="organisation-code-check-digit",
    title="组织机构代码校验码错误",
    title_en="Wrong check character in an organisation code",
    template="the check character of {value!r} is wrong{wanted}",
    fix="compare all nine characters with the certificate: one is wrong, or two changed places",
    fix_zh="与代码证书逐位核对9位代码：有一位有误，或者两位颠倒",
    indicator="0301",
)
RULES = (FORMAT, CHECK_DIGIT)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    check_digit = fault_rule("check-digit", CHECK_DIGIT, wanted=wanted(organisation_code.wanted))
    yield from standard_checks(schema, "organisation-code", FORMAT, check_digit)
