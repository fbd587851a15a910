"""Words for "no value" in a field that doesn't declare them: — N/A 不详 0000-00-00 (standards.md 8 no. 17).

无 is such a word in fields of numbers and days only: in a text it may be what the source means to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import matches, only_if
from quality.finding import Severity
from quality.rules.check import RowCheck, if_suspicious, text, value
from quality.rules.rule import Rule
from quality.suspicion import NO_VALUE, is_looked_at
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="null-token",
    title="以文字表示空值",
    title_en="A word for no value",
    template="{value!r} seems to mean that there is no value",
    fix="leave the cell empty, or list the word in the field's missingValues in the schema",
    fix_zh="没有值的留空，或者在数据结构中把该词列入该字段的 missingValues",
    indicator="0302",
    scored=False,
    severity=Severity.SHOULD,
)


def _fails(field: SchemaField) -> exp.Expr | None:
    if is_looked_at(field):
        return if_suspicious(field, matches(text(field), NO_VALUE))
    if field.type == "string":
        return None
    refused = exp.and_(text(field).is_(exp.null()).not_(), value(field).is_(exp.null()))
    return only_if(refused, matches(text(field), f"{NO_VALUE}|无"))


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """One per field but those of a closed list."""
    for field in schema.fields:
        fails = _fails(field)
        if fails is not None:
            yield RowCheck(RULE, field.name, fails, of_suspects=is_looked_at(field))
