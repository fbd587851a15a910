"""Rows that are no record: a total among the data, a note below it (standards.md 8 no. 6)."""

from __future__ import annotations

from collections.abc import Iterator

from quality.finding import Severity
from quality.rules.check import RowCheck, found, if_suspicious, text
from quality.rules.rule import Rule
from quality.suspicion import NOTE, TOTAL, is_looked_at
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="total-row",
    title="数据中混有合计或注释行",
    title_en="Total or note among the data",
    template="{value!r} is no record's: the row is a total of others, or a note",
    fix="take the row out of the table, or set footer_rows in the entry's source where it stands below the data",
    fix_zh="把该行移出数据表；位于表尾的，在目录条目的来源中设置 footer_rows",
    indicator="0202",
    scored=False,
    severity=Severity.SHOULD,
)


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per column of text; a note is one in the first column only."""
    for field in schema.fields:
        if is_looked_at(field):
            pattern = f"{TOTAL}|{NOTE}" if field == schema.fields[0] else TOTAL
            fails = if_suspicious(field, found(text(field), pattern))
            yield RowCheck(RULE, field.name, fails, of_suspects=True)
