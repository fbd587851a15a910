"""What a repair is: a name, an expression over the cell before it, and the fields that may declare it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from quality.cells import literal
from resource_catalog.table_schema import SchemaField, TableSchema


def anywhere(_field: SchemaField, _schema: TableSchema) -> str:
    """For a repair that any field may declare."""
    return ""


@dataclass(frozen=True)
class Repair:
    """One repair.

    `mended` is an expression of the cell after it, over the cell before it: the same cell wherever its precondition
    doesn't hold. `obstacle` says why a field can't declare it, "" where it can.
    """

    name: str
    mended: Callable[[SchemaField, exp.Expr], exp.Expr]
    obstacle: Callable[[SchemaField, TableSchema], str] = anywhere


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function of the engine that sqlglot has no class for."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def group(text: exp.Expr, pattern: str, number: int) -> exp.Expr:
    """What a group of a pattern matched; "" where it didn't take part."""
    return call("regexp_extract", text, literal(pattern), exp.Literal.number(number))


def substituted(text: exp.Expr, pattern: str, by: str) -> exp.Expr:
    """The text with every match of a pattern replaced."""
    return call("regexp_replace", text, literal(pattern), literal(by), literal("g"))


def translated(text: exp.Expr, characters: str, by: str) -> exp.Expr:
    """The text with each of the characters replaced by the one at its place in `by`, or left out."""
    return call("translate", text, literal(characters), literal(by))
