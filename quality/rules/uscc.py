"""Standard `uscc`: unified social credit codes (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks, wanted
from quality.standards import uscc
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="uscc-format",
    title="统一社会信用代码格式不符",
    title_en="No unified social credit code",
    template="{value!r} is no unified social credit code: 18 of 0-9 and A-Z without I, O, S, V, Z; 3 to 8 are digits",
    fix="copy the code from the licence; a letter O, I, S or Z is most often the digit 0, 1, 5 or 2",
    fix_zh="按营业执照重新录入；字母 O、I、S、Z 多为数字 0、1、5、2 之误",
    indicator="0101",
)
CHECK_DIGIT = Rule(
    code="uscc-check-digit",
    title="统一社会信用代码校验码错误",
    title_en="Wrong check character in a unified social credit code",
    template="the check character of {value!r} is wrong{wanted}",
    fix="compare all 18 characters with the licence: one is wrong, or two changed places",
    fix_zh="与营业执照逐位核对18位代码：有一位有误，或者两位颠倒",
    indicator="0301",
)
ORGANISATION_CODE = Rule(
    code="uscc-organisation-code",
    title="统一社会信用代码所含组织机构代码校验码错误",
    title_en="Wrong organisation code in a unified social credit code",
    template="the organisation code in places 9 to 17 of {value!r} has a wrong check character{wanted}",
    fix="compare places 9 to 18 with the licence: the code's own check is right, so two characters are wrong",
    fix_zh="与营业执照核对第9至18位：总校验码无误，因此有两位有误",
    indicator="0301",
)
RULES = (FORMAT, CHECK_DIGIT, ORGANISATION_CODE)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(
        schema,
        "uscc",
        FORMAT,
        fault_rule("check-digit", CHECK_DIGIT, wanted=wanted(uscc.wanted)),
        fault_rule("organisation-code", ORGANISATION_CODE, wanted=wanted(uscc.wanted_within)),
    )
