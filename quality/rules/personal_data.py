"""Personal data where none is meant to be: resident ids, mobiles, bank cards and addresses in cells that are published.

Judged are open columns whose schema doesn't say that they hold such: one of a personal `standard` is declared, one that
is masked in every row shows none. What a column may show by right, such as an office's mobile, its `personalData` says
with a reason (standards.md 7 and 8 no. 25).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.rules.check import RowCheck, personal
from quality.rules.rule import Rule
from quality.suspicion import is_looked_at, kinds_not_allowed
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="personal-data",
    title="公开列含个人信息",
    title_en="Personal data in an open column",
    template="the cell holds {kinds}, and the column is open",
    fix="remove it in the source, close or mask the column, or say in the schema's personalData why it may be shown",
    fix_zh="在源数据中删去；或者在数据结构中将该列设为不公开、加以遮盖，或者在 personalData 中说明可以公开的理由",
    indicator="0106",
    scored=False,
)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per open column that may hold any text."""
    for field in schema.fields:
        if kinds_not_allowed(field):
            held = personal(field)
            fails = held.is_(exp.null()).not_()
            yield RowCheck(
                RULE, field.name, fails, told_by_row={"kinds": held}, secret=True, of_suspects=is_looked_at(field)
            )
