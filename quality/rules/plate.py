"""Standard `plate`: number plates of vehicles (机动车号牌, GA 36)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="plate-format",
    title="车牌号格式不符",
    title_en="No number plate",
    template="{value!r} is no number plate: a province, a letter, and five or six letters and digits without I and O",
    fix="copy the number from the vehicle's licence",
    fix_zh="按行驶证重新录入",
    indicator="0101",
)
RULES = (FORMAT,)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "plate", FORMAT)
