"""Standard `email`: addresses of electronic mail (电子邮箱)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import standard_checks
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="email-format",
    title="电子邮箱格式不符",
    title_en="No e-mail address",
    template="{value!r} is no e-mail address: a name, @ and a host",
    fix="correct the address in the source",
    fix_zh="在源数据中改正邮箱地址",
    indicator="0101",
)
RULES = (FORMAT,)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "email", FORMAT)
