"""Standard `industry-code`: industry codes (国民经济行业分类, GB/T 4754) by the edition of the record's date."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from quality.cells import literal
from quality.rules.check import RowCheck
from quality.rules.rule import Rule
from quality.rules.standard_checks import fault_rule, standard_checks
from quality.standards.industry_code import edition_of
from quality.standards.standard import Cell
from resource_catalog.table_schema import TableSchema

FORMAT = Rule(
    code="industry-code-format",
    title="行业代码格式不符",
    title_en="No industry code",
    template="{value!r} is no industry code: a section's letter A to T, and two to four digits",
    fix="use the code of GB/T 4754 with its section's letter",
    fix_zh="改用 GB/T 4754 的代码，并带门类字母",
    indicator="0101",
)
DIVISION = Rule(
    code="industry-code-division",
    title="行业代码的门类与大类不符",
    title_en="Section without that division",
    template="the section of {value!r} has no such division in {edition}",
    fix="look the division up in the edition that was in force on the record's date",
    fix_zh="按记录日期有效的版本查对大类所属门类",
    indicator="0105",
)
RULES = (FORMAT, DIVISION)


def _edition(cell: Cell) -> exp.Expr:
    known = exp.DPipe(this=literal("GB/T 4754-"), expression=edition_of(cell))
    return exp.Coalesce(this=known, expressions=[literal("any edition of GB/T 4754")])


def checks(schema: TableSchema) -> Iterator[RowCheck]:
    """For each field of the standard."""
    yield from standard_checks(schema, "industry-code", FORMAT, fault_rule("division", DIVISION, edition=_edition))
