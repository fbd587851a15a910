"""What the rules of all standards share: which rows of which fields fail, each value told of once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from quality.cells import column, literal
from quality.finding import Severity
from quality.masking import personal
from quality.rules import length, pattern
from quality.rules import type as type_rule
from quality.rules.check import RowCheck, text
from quality.rules.rule import Rule
from quality.standards.catalogue import STANDARDS, cell_of
from quality.standards.standard import SPELLING, Cell
from quality.table import faults_column, form_column
from resource_catalog.table_schema import SchemaField, TableSchema

SPELLING_RULE = Rule(
    code="standard-spelling",
    title="写法不符合标准",
    title_en="Right, and not written as the standard writes it",
    template="{value!r} is a right {standard}, but has other spaces, dashes, letter case or full-width characters",
    fix="write it so in the source, or declare the field's repairs: trim, fullwidth, upper",
    fix_zh="在源数据中按标准书写；或者为该字段声明修复 trim、fullwidth、upper",
    indicator="0101",
    severity=Severity.SHOULD,
)


@dataclass(frozen=True)
class FaultRule:
    """The rule of one fault of well-formed values; `told` are facts from the value, not told of personal ones."""

    fault: str
    rule: Rule
    told: Mapping[str, Callable[[Cell], exp.Expr]]

    def facts(self, field: SchemaField, cell: Cell) -> tuple[Mapping[str, object], Mapping[str, exp.Expr]]:
        """(facts that are the same for all rows, facts by row)."""
        if personal(field):
            return dict.fromkeys(self.told, ""), {}
        return {}, {name: tell(cell) for name, tell in self.told.items()}


def fault_rule(fault: str, rule: Rule, **told: Callable[[Cell], exp.Expr]) -> FaultRule:
    """The rule of a fault, and what its message tells of the value."""
    return FaultRule(fault, rule, told)


def wanted(character: Callable[[exp.Expr], exp.Expr]) -> Callable[[Cell], exp.Expr]:
    """The fact `wanted` of a rule about check characters: which one the others ask for."""

    def told(cell: Cell) -> exp.Expr:
        return exp.DPipe(this=literal("; the others ask for "), expression=character(cell.form))

    return told


def _said_already(field: SchemaField, schema: TableSchema) -> exp.Expr | None:
    """Whether another rule tells of the cell: a fault is told once, by the rule that the schema itself has."""
    alone = schema.model_copy(update={"fields": (field,), "primary_key": (), "foreign_keys": ()})
    others = [check.fails for module in (type_rule, pattern, length) for check in module.checks(alone)]
    return exp.Coalesce(this=exp.or_(*others), expressions=[exp.false()]) if others else None


def _fields(schema: TableSchema, name: str) -> Iterator[SchemaField]:
    for field in schema.fields:
        meant = field.meant_standard
        # A list of codes says more than the standard's form does, and `enum` tells of all that is not in it.
        if meant and meant.name == name and not field.constraints.enum:
            yield field


def _checks(
    schema: TableSchema, field: SchemaField, name: str, own: tuple[Rule, *tuple[FaultRule, ...]]
) -> Iterator[RowCheck]:
    standard, cell = STANDARDS[name], cell_of(field, schema)
    malformed, *faults = own
    yield RowCheck(malformed, field.name, exp.and_(_no_form(field), text(field).is_(exp.null()).not_()))
    bits = column(faults_column(field.name))
    for of in faults:
        facts, told = of.facts(field, cell)
        yield RowCheck(of.rule, field.name, standard.first_is(bits.copy(), of.fault), facts, told_by_row=told)
    yield RowCheck(SPELLING_RULE, field.name, standard.first_is(bits.copy(), SPELLING), {"standard": field.standard})


def _no_form(field: SchemaField) -> exp.Expr:
    return column(form_column(field.name)).is_(exp.null())


def standard_checks(schema: TableSchema, name: str, malformed: Rule, *faults: FaultRule) -> Iterator[RowCheck]:
    """The checks of all fields of one standard: form, then each fault, then spelling; a value fails one at most.

    Args:
        schema: The table's schema.
        name: The standard's name.
        malformed: The rule of values that are not well formed.
        faults: The rules of well-formed ones, in the standard's order.
    """
    for field in _fields(schema, name):
        said = _said_already(field, schema)
        for check in _checks(schema, field, name, (malformed, *faults)):
            if said is None:
                yield check
            else:
                yield replace(check, fails=exp.and_(check.fails, exp.not_(said.copy())))
