"""Letters that no unified social credit code has, where the digit that looks like them makes both its checks pass."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import literal, matches, only_if
from quality.check_digits import uscc_passes
from quality.masking import personal
from quality.rules.check import RowCheck, text
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="confused-letters",
    title="代码中字母与数字混淆",
    title_en="Letter for a digit in a code",
    template="{value!r} has a letter that no such code has; {proposal} passes both checks",
    fix="compare with the licence itself, and correct the source if that is its code: it is never changed from here",
    fix_zh="与证照原件核对，确有误的在源数据中改正；系统不会代改",
    indicator="0301",
    scored=False,
)
#: GB 32100-2015 leaves out I, O, S, V and Z; V looks like no digit.
_LETTERS, _DIGITS = "IOSZ", "1052"


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per open field of unified social credit codes."""
    for field in schema.fields:
        if field.standard == "uscc" and not personal(field):
            proposal = exp.Anonymous(this="translate", expressions=[text(field), literal(_LETTERS), literal(_DIGITS)])
            confused = matches(text(field), f"[0-9A-Z]*[{_LETTERS}][0-9A-Z]*")
            fails = only_if(confused, uscc_passes(proposal))
            yield RowCheck(RULE, field.name, fails, told_by_row={"proposal": proposal.copy()})
