"""What a rule gives the scan: an expression that fails row by row, or a key that needs a query of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from quality.rules.rule import Rule
from quality.table import personal_column, suspect_column, text_column, value_column
from resource_catalog.table_schema import SchemaField


def text(column: SchemaField) -> exp.Expr:
    """In a check: the column's text, NULL where the value is missing."""
    return exp.column(exp.to_identifier(text_column(column.name), quoted=True))


def found(where: exp.Expr, pattern: str) -> exp.Expr:
    """Whether a text has a match of a pattern anywhere."""
    return exp.Anonymous(this="regexp_matches", expressions=[where, exp.Literal.string(pattern)])


def if_suspicious(column: SchemaField, fails: exp.Expr) -> exp.Expr:
    """In a check: an expression asked only of texts that are worth a second look (`suspicion.is_looked_at` fields).

    A CASE, for of an AND whose value two aggregates use, DuckDB evaluates both sides in every row.
    """
    return exp.Case().when(exp.column(exp.to_identifier(suspect_column(column.name), quoted=True)), fails)


def personal(column: SchemaField) -> exp.Expr:
    """In a check: the kinds of personal data in the text that `suspicion.kinds_not_allowed` forbids."""
    return exp.column(exp.to_identifier(personal_column(column.name), quoted=True))


def value(column: SchemaField) -> exp.Expr:
    """In a check: the column's value in its type, NULL where it is missing or its type refuses it."""
    return exp.column(exp.to_identifier(value_column(column.name), quoted=True))


@dataclass(frozen=True)
class RowCheck:
    """One expression of the aggregate scan; `facts` fill the rule's template.

    `of_all_rows` says that rows without a value are judged too. `told_by_row` are facts that differ from row to row,
    each a text over CELLS; what is personal must not be among them. `secret`: no part of the cell may be shown.
    """

    rule: Rule
    column: str
    fails: exp.Expr
    facts: Mapping[str, object] = field(default_factory=dict)
    of_all_rows: bool = False
    told_by_row: Mapping[str, exp.Expr] = field(default_factory=dict)
    secret: bool = False


@dataclass(frozen=True)
class KeyCheck:
    """Columns whose values, together, must be unique among the rows that have them all."""

    rule: Rule
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ReferenceCheck:
    """Columns whose values, together, must stand in columns of another table; `resource` "" is the table itself."""

    rule: Rule
    columns: tuple[str, ...]
    resource: str
    reference: tuple[str, ...]


Check = RowCheck | KeyCheck | ReferenceCheck
