"""What a rule gives the scan: an expression that fails row by row, a key that needs its own query, or aggregates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from quality.finding import Severity
from quality.rules.rule import Rule
from quality.table import fits_column, personal_column, suspect_column, text_column, value_column
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
    suspect = exp.column(exp.to_identifier(suspect_column(column.name), quoted=True))
    return exp.Case(ifs=[exp.If(this=suspect, true=fails)])


def fits(column: SchemaField) -> exp.Expr:
    """In a check: whether the text matches the column's pattern (`suspicion.is_judged_by_pattern` fields)."""
    return exp.column(exp.to_identifier(fits_column(column.name), quoted=True))


def personal(column: SchemaField) -> exp.Expr:
    """In a check: the kinds of personal data in the text that `suspicion.kinds_not_allowed` forbids."""
    return exp.column(exp.to_identifier(personal_column(column.name), quoted=True))


def value(column: SchemaField) -> exp.Expr:
    """In a check: the column's value in its type, NULL where it is missing or its type refuses it."""
    return exp.column(exp.to_identifier(value_column(column.name), quoted=True))


@dataclass(frozen=True)
class PythonFunction:
    """A function of texts that SQL lacks; the scan gives it to its connection under its name."""

    name: str
    call: Callable[..., bool]
    arguments: int = 2


@dataclass(frozen=True)
class RowCheck:
    """One expression of the aggregate scan; `facts` fill the rule's template.

    `of_all_rows` says that rows without a value are judged too. `told_by_row` are facts that differ from row to row,
    each a text or a number over CELLS; what is personal must not be among them. `secret`: no part
    of the cell may be shown. `of_suspects`: none but suspicious texts fail (`if_suspicious`).

    The rest is for expectations, and says nothing by default. `beside` are columns that are judged together with
    `column`. `within` are the rows concerned and `judged` those of them that are judged (None: as above); `fails` holds
    in none but these. From a share of `mostly` on that don't fail, the others are tolerated. `severity` stands in the
    place of the rule's own; what is `told_only` counts nowhere. `kept` is how many failing rows are wanted at least.
    """

    rule: Rule
    column: str
    fails: exp.Expr
    facts: Mapping[str, object] = field(default_factory=dict)
    of_all_rows: bool = False
    told_by_row: Mapping[str, exp.Expr] = field(default_factory=dict)
    secret: bool = False
    of_suspects: bool = False
    beside: tuple[str, ...] = ()
    within: exp.Expr | None = None
    judged: exp.Expr | None = None
    mostly: float = 1.0
    severity: Severity | None = None
    told_only: bool = False
    kept: int = 0
    functions: tuple[PythonFunction, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are judged."""
        return (self.column, *self.beside)

    @property
    def windowed(self) -> bool:
        """Whether a row is judged by others, too, which takes a query of its own."""
        return self.fails.find(exp.Window) is not None

    def is_met(self, judged: int, failed: int) -> bool:
        """Whether so many failures of so many rows leave the share that is asked for; as Great Expectations reckons."""
        return failed == 0 or (judged - failed) / judged >= self.mostly

    def tolerates(self, judged: int, failed: int) -> bool:
        """Whether so many failures of so many rows are no finding."""
        return self.told_only or self.is_met(judged, failed)


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


@dataclass(frozen=True)
class Verdict:
    """What the aggregates of a table say: whether they are as expected, and what was observed.

    `details` has further figures under the names that Great Expectations gives them.
    """

    met: bool
    observed: object = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class TableCheck:
    """Aggregates over CELLS, and the verdict on their values.

    Those that are `alone` take a query of their own: the values of a whole column must be held for them. `row` is the
    source's row that says what the table should be, where one does.
    """

    rule: Rule
    columns: tuple[str, ...]
    aggregates: tuple[exp.Expr, ...]
    verdict: Callable[[Sequence[object]], Verdict]
    facts: Mapping[str, object] = field(default_factory=dict)
    alone: bool = False
    severity: Severity | None = None
    told_only: bool = False
    row: int | None = None


Check = RowCheck | KeyCheck | ReferenceCheck | TableCheck
