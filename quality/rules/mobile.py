"""Standard `mobile`: mobile numbers of the mainland (手机号码)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="mobile-format",
    title="手机号码格式不符",
    title_en="No mobile number",
    template="{value!r} is no mobile number: eleven digits of a range in use",
    fix="correct the number in the source",
    fix_zh="在源数据中改正号码",
    indicator="0101",
)
RULES = (FORMAT,)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "mobile", FORMAT)
