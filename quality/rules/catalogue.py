"""The table of all rules: add a rule's module here and it runs, is listed and is documented."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules import (
    array_item,
    bounds,
    code_in_force,
    columns,
    confused_letters,
    document_number,
    enum,
    foreign_key,
    garbled_text,
    hidden_places,
    invisible_characters,
    length,
    lost_digits,
    null_token,
    number_digits,
    pattern,
    personal_data,
    reading,
    required,
    score_floor,
    several_values,
    total_row,
    unique,
    unit_mismatch,
)
from quality.rules import type as type_rule
from quality.rules.check import Check
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

_SCHEMA_RULES = (
    required, type_rule, enum, code_in_force, pattern, bounds, length, array_item, number_digits, unique, foreign_key,
    personal_data, garbled_text, invisible_characters, null_token, lost_digits, confused_letters, unit_mismatch,
    total_row, several_values, document_number,
)  # fmt: skip

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        *reading.RULES,
        *hidden_places.RULES,
        *columns.RULES,
        *(module.RULE for module in _SCHEMA_RULES),
        unique.PRIMARY_KEY,
        score_floor.RULE,
    )
}


def checks_of(schema: TableSchema) -> Iterator[Check]:
    """Every check that a Table Schema asks for."""
    for module in _SCHEMA_RULES:
        yield from module.checks(schema)
