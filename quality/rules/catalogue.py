"""The table of all rules: add a rule's module here and it runs, is listed and is documented."""

from __future__ import annotations

from collections.abc import Iterator

from quality.rules import (
    array_item,
    bank_card,
    bounds,
    code_in_force,
    columns,
    confused_letters,
    division_code,
    document_number,
    email,
    enum,
    foreign_key,
    garbled_text,
    gate,
    hidden_places,
    industry_code,
    invisible_characters,
    length,
    lost_digits,
    mobile,
    name_variant,
    null_token,
    number_digits,
    organisation_code,
    passport,
    pattern,
    personal_data,
    plate,
    primary_key,
    reading,
    registration_number,
    required,
    resident_id,
    score_floor,
    several_values,
    total_row,
    total_sum,
    unique,
    unit_mismatch,
    uscc,
)
from quality.rules import type as type_rule
from quality.rules.check import Check
from quality.rules.expectations import EXPECTATION_RULES
from quality.rules.rule import Rule
from quality.rules.standard_checks import SPELLING_RULE
from resource_catalog.table_schema import TableSchema

_SCHEMA_RULES = (
    required, type_rule, enum, code_in_force, pattern, bounds, length, array_item, number_digits, unique, primary_key,
    foreign_key, personal_data, garbled_text, invisible_characters, null_token, lost_digits, confused_letters,
    unit_mismatch, total_row, several_values, document_number, name_variant,
)  # fmt: skip
#: Rules of what a field's `standard` asks for.
STANDARD_RULES = (
    uscc, organisation_code, resident_id, registration_number, division_code, industry_code, mobile, bank_card, plate,
    passport, email,
)  # fmt: skip

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        *reading.RULES,
        *hidden_places.RULES,
        *columns.RULES,
        *(module.RULE for module in _SCHEMA_RULES),
        *(rule for module in STANDARD_RULES for rule in module.RULES),
        SPELLING_RULE,
        score_floor.RULE,
        *gate.RULES,
        total_sum.RULE,
        *EXPECTATION_RULES.values(),
    )
}


def checks_of(schema: TableSchema) -> Iterator[Check]:
    """Every check that a Table Schema asks for."""
    for module in (*_SCHEMA_RULES, *STANDARD_RULES):
        yield from module.checks(schema)
