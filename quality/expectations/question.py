"""One expectation, ready to be compiled: its arguments read with their types, and the columns that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from quality.expectations.column import Column, Misuse, NotCompiled
from quality.expectations.last_release import LastRelease
from quality.expectations.row_conditions import rows_of
from quality.expectations.suite import Expectation
from quality.finding import Severity
from quality.rules.check import PythonFunction, RowCheck, TableCheck, Verdict
from quality.rules.expectations import EXPECTATION_RULES
from quality.rules.rule import Rule
from resource_catalog.table_schema import TableSchema

#: GX tells no more failing values than so many, whatever its result format.
MOST_TOLD = 200
_TOLD = 20
_SEVERITIES = {"critical": Severity.MUST, "warning": Severity.SHOULD, "info": Severity.SHOULD}
#: Arguments of every expectation.
COMMON = frozenset({"batch_id", "result_format", "catch_exceptions"})


@dataclass(frozen=True)
class Question:
    """An expectation beside the schema of its table, the columns that the source has, and what it may be held against.

    That is the last release, and of other datasets the number of their rows.
    """

    expectation: Expectation
    schema: TableSchema
    headings: tuple[str, ...]
    previous: LastRelease | None = None
    others: Mapping[str, int] = field(default_factory=dict)

    def given(self, name: str, default: object = None) -> object:
        """An argument as the suite has it.

        Raises:
            NotCompiled: it is a parameter that only a run of GX fills in.
        """
        value = self.expectation.kwargs.get(name, default)
        if isinstance(value, dict) and "$PARAMETER" in value:
            raise NotCompiled(f"{name} is a suite parameter")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no.

        Raises:
            Misuse: it is neither.
        """
        value = self.given(name, default)
        if value is not None and not isinstance(value, bool):
            raise Misuse(f"{name} is true or false, not {value!r}")
        return bool(value)

    def options(self, name: str) -> list[object]:
        """A list of values.

        Raises:
            Misuse: it is none.
        """
        value = self.given(name)
        if not isinstance(value, list):
            raise Misuse(f"{name} is a list, not {value!r}")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts, at least one.

        Raises:
            Misuse: it is none.
        """
        values = self.options(name)
        texts = [value for value in values if isinstance(value, str)]
        if not texts or len(texts) < len(values):
            raise Misuse(f"{name} is a list of texts, not {values!r}")
        return texts

    def column(self, name: object) -> Column:
        """The column of a name.

        Raises:
            Misuse: the schema has none.
        """
        if name not in self.schema.names:
            raise Misuse(f"the schema has no column {name!r}; it has {', '.join(self.schema.names)}")
        return Column(self.schema.field(str(name)))

    @cached_property
    def subject(self) -> Column:
        """The column that is named by `column`."""
        return self.column(self.given("column"))

    @cached_property
    def pair(self) -> tuple[Column, Column]:
        """The columns that are named by `column_A` and `column_B`."""
        return self.column(self.given("column_A")), self.column(self.given("column_B"))

    @cached_property
    def several(self) -> tuple[Column, ...]:
        """The columns of `column_list`, two at least."""
        names = self.texts("column_list")
        if len(names) < 2:
            raise Misuse("column_list names two columns at least")
        return tuple(self.column(name) for name in names)

    @cached_property
    def within(self) -> exp.Expr | None:
        """The rows that it is about; None: all."""
        kwargs = self.expectation.kwargs
        return rows_of(kwargs.get("row_condition"), kwargs.get("condition_parser"), self.column)

    @property
    def concerned(self) -> exp.Expr:
        """The same as a condition that every row answers."""
        return exp.true() if self.within is None else self.within.copy()

    @property
    def mostly(self) -> float:
        """The share that must meet it.

        Raises:
            Misuse: it is no share.
        """
        share = self.given("mostly", 1)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise Misuse(f"mostly is a number from 0 to 1, not {share!r}")
        return float(share)

    @property
    def rule(self) -> Rule:
        """The rule that its failures are told by."""
        return EXPECTATION_RULES[self.expectation.type]

    @property
    def severity(self) -> Severity:
        """How grave its failures are: critical must be mended, a warning travels with the data."""
        return _SEVERITIES[self.expectation.severity]

    @property
    def told_only(self) -> bool:
        """Whether a failure of it is told and counts nowhere."""
        return self.expectation.severity == "info"

    @property
    def result_format(self) -> Mapping[str, object]:
        """How much its result tells.

        Raises:
            Misuse: GX has no such format.
        """
        given = self.given("result_format", "BASIC")
        wanted: Mapping[str, object] = given if isinstance(given, dict) else {"result_format": given}
        if wanted.get("result_format") not in ("BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"):
            raise Misuse(f"result_format is BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE, not {given!r}")
        return wanted

    @property
    def kept(self) -> int:
        """How many failing rows its result may need."""
        if self.result_format["result_format"] in ("SUMMARY", "COMPLETE"):
            return MOST_TOLD
        count = self.result_format.get("partial_unexpected_count", _TOLD)
        return min(count, MOST_TOLD) if isinstance(count, int) else _TOLD

    def rows(
        self,
        columns: Sequence[Column],
        judged: exp.Expr,
        fails: exp.Expr,
        expected: str,
        functions: tuple[PythonFunction, ...] = (),
    ) -> RowCheck:
        """A check row by row; `expected` says what a value should do."""
        condition = exp.and_(self.concerned, judged)
        first, *beside = (column.name for column in columns)
        share = f" (in {100 * self.mostly:g}% of the rows at least)" if self.mostly < 1 else ""
        return RowCheck(
            self.rule,
            first,
            exp.and_(condition.copy(), fails),
            {"expected": expected + share},
            beside=tuple(beside),
            within=self.concerned,
            judged=condition,
            mostly=self.mostly,
            severity=self.severity,
            told_only=self.told_only,
            kept=self.kept,
            functions=functions,
        )

    def table(
        self,
        columns: Sequence[str],
        aggregates: Sequence[exp.Expr],
        verdict: Callable[[Sequence[object]], Verdict],
        expected: str,
        *,
        alone: bool = False,
    ) -> TableCheck:
        """A check of the whole table."""
        return TableCheck(
            self.rule,
            tuple(columns),
            tuple(aggregates),
            verdict,
            {"expected": expected},
            alone,
            self.severity,
            self.told_only,
        )

    def window(self, function: exp.Expr, by: Sequence[exp.Expr], order: exp.Expr | None = None) -> exp.Expr:
        """A function over the rows that are judged, `by` being what divides them."""
        return exp.Window(
            this=function,
            partition_by=list(by),
            order=exp.Order(expressions=[exp.Ordered(this=order, nulls_first=False)]) if order is not None else None,
        )
