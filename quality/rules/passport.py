"""Standard `passport`: passport numbers (护照号码, ICAO Doc 9303)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="passport-format",
    title="护照号码格式不符",
    title_en="No passport number",
    template="{value!r} is no passport number: five to nine letters and digits",
    fix="copy the number from the passport",
    fix_zh="按护照重新录入",
    indicator="0101",
)
RULES = (FORMAT,)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "passport", FORMAT)
