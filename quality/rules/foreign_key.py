"""Foreign keys: the values must stand in the table that they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules.check import ReferenceCheck
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

RULE = Rule(
    code="foreign-key",
    title="外键无对应记录",
    title_en="Foreign key without its record",
    template="{value!r} is not in {reference}",
    fix="correct the value, or add the record that it refers to",
    fix_zh="改正取值，或者补上所指向的记录",
    indicator="0402",
    waivable=True,
)


def checks(schema: TableSchema) -> Iterator[ReferenceCheck]:
    """One per foreign key."""
    for key in schema.foreign_keys:
        yield ReferenceCheck(RULE, key.fields, key.reference.resource, key.reference.fields)
