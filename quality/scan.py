"""One table against its Table Schema: one aggregate scan for all rules of rows, one query per key.

Counts are exact over the whole table; examples are the first rows that fail, in the source's own numbering.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from sqlglot import exp

from quality import keys
from quality.cells import text_of, typed
from quality.finding import Finding, RepairLog, Severity
from quality.masking import hidden, shown
from quality.repair_log import log_repairs
from quality.repairs.catalogue import columns_of, prepare, repaired_rows
from quality.rules import columns as column_rules
from quality.rules.catalogue import RULES, checks_of
from quality.rules.check import Check, KeyCheck, ReferenceCheck, RowCheck
from quality.suspicion import define_kinds, is_looked_at, kinds_held, kinds_not_allowed, suspicion
from quality.table import CELLS, EXTRACT, JUDGED, ROW, personal_column, suspect_column, text_column, value_column
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema


@dataclass(frozen=True)
class Outcome:
    """What one check found: how many values it judged, how many failed, and the first of them."""

    check: Check
    judged: int
    failed: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Scan:
    """The outcomes of a table's checks, the findings about its columns, and what its declared repairs changed."""

    rows: int
    columns: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    repairs: tuple[RepairLog, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Exact number of failures per rule, for the rules that failed."""
        counts: dict[str, int] = {}
        for finding in self.columns:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
        for outcome in self.outcomes:
            if outcome.failed:
                code = outcome.check.rule.code
                counts[code] = counts.get(code, 0) + outcome.failed
        return counts

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All examples, those of `must` rules first, then by row."""
        found = [*self.columns, *(finding for outcome in self.outcomes for finding in outcome.findings)]
        return tuple(sorted(found, key=lambda item: (item.severity is not Severity.MUST, item.row or 0, item.column)))

    def severities(self) -> dict[str, Severity]:
        """The severity of each rule that failed."""
        return {code: RULES[code].severity for code in self.counts}


def _sql(expression: exp.Expr) -> str:
    return expression.sql("duckdb", identify=True)


def _named(expression: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(expression, exp.to_identifier(name, quoted=True))


def _null(kind: str = "VARCHAR") -> exp.Expr:
    return exp.cast(exp.null(), kind, dialect="duckdb")


def create_cells(
    connection: duckdb.DuckDBPyConnection,
    schema: TableSchema,
    headings: Sequence[str],
    extra_missing: tuple[str, ...] = (),
) -> None:
    """The view CELLS over EXTRACT: per field its text and its value; a column that the source lacks is all NULL.

    Its text is that after the declared repairs.
    """
    texts: list[exp.Expr] = [exp.column(ROW, quoted=True)]
    values: list[exp.Expr] = [exp.Star()]
    present = columns_of(schema, headings)
    for field in schema.fields:
        text = text_of(field, schema, extra_missing) if field.name in present else _null()
        texts.append(_named(text, text_column(field.name)))
        own = exp.column(exp.to_identifier(text_column(field.name), quoted=True))
        values.append(_named(typed(field, own), value_column(field.name)))
    prepare(connection, schema, headings)
    inner = exp.select(*texts).from_(repaired_rows(schema, headings)).subquery("cells_as_text")
    connection.execute(f"CREATE OR REPLACE VIEW {CELLS} AS {_sql(exp.select(*values).from_(inner))}")


def _look_at_texts(connection: duckdb.DuckDBPyConnection, schema: TableSchema) -> None:
    """The view JUDGED over CELLS: what checks of rows are asked of; queries of keys would pay for planning it."""
    define_kinds(connection, schema)
    first: list[exp.Expr] = [exp.Star()]
    second: list[exp.Expr] = [exp.Star()]
    for field in schema.fields:
        text = exp.column(exp.to_identifier(text_column(field.name), quoted=True))
        if is_looked_at(field):
            first.append(_named(suspicion(text), suspect_column(field.name)))
        if kinds_not_allowed(field):
            second.append(_named(kinds_held(field, text), personal_column(field.name)))
    looked_at = exp.select(*second).from_(exp.select(*first).from_(CELLS).subquery("looked_at"))
    connection.execute(f"CREATE OR REPLACE VIEW {JUDGED} AS {_sql(looked_at)}")


# FILTER would be the plainer SQL, but DuckDB gives each filtered aggregate a buffer of every column: 90 checks of a
# table with 92 columns took 700 MB and 15 s for six rows.


def _count(condition: exp.Expr | None = None) -> exp.Expr:
    counted = exp.Case().when(condition, exp.Literal.number(1)) if condition is not None else exp.Star()
    return exp.Count(this=counted)


def _first_rows(condition: exp.Expr, examples: int) -> exp.Expr:
    row = exp.column(exp.to_identifier(ROW, quoted=True))
    failing = exp.Case().when(condition, row)
    return exp.Anonymous(this="min", expressions=[failing, exp.Literal.number(examples)])


def _judged(check: RowCheck) -> exp.Expr:
    if check.of_all_rows:
        return _count()
    text = exp.column(exp.to_identifier(text_column(check.column), quoted=True))
    return exp.Count(this=text)


def readable(connection: duckdb.DuckDBPyConnection, expression: exp.Expr) -> exp.Expr:
    """Patterns that RE2 doesn't know (look-around, back references) go to Python's own engine."""

    def replaced(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.RegexpFullMatch) and not _is_re2(connection, node.expression.name):
            keys.register_python_match(connection)
            return exp.Anonymous(this="python_full_match", expressions=[node.this, node.expression])
        return node

    return expression.transform(replaced)


def _is_re2(connection: duckdb.DuckDBPyConnection, pattern: str) -> bool:
    try:
        connection.execute("SELECT regexp_full_match('', ?)", [pattern])
    except duckdb.Error:
        return False
    return True


def _scan_rows(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[RowCheck], examples: int
) -> tuple[int, list[tuple[int, int, list[int]]]]:
    """(rows, per check: judged, failed, first rows that failed)."""
    wanted = [_count()]
    for check in checks:
        fails = readable(connection, check.fails)
        wanted += [_judged(check), _count(fails), _first_rows(fails, examples)]
    query = exp.select(*(_named(item, f"a{position}") for position, item in enumerate(wanted))).from_(JUDGED)
    rows, *found = connection.execute(_sql(query)).fetchone() or (0,)
    triples = [(found[at], found[at + 1], found[at + 2] or []) for at in range(0, len(found), 3)]
    return rows, triples


def _examples(
    connection: duckdb.DuckDBPyConnection, check: RowCheck, rows: Sequence[int], schema: TableSchema
) -> Iterator[Finding]:
    field = schema.field(check.column)
    raw = exp.column(exp.to_identifier(check.column, quoted=True))
    told = [_named(told, name) for name, told in check.told_by_row.items()]
    numbered = exp.column(ROW, quoted=True)
    listed = numbered.isin(*(exp.Literal.number(int(row)) for row in rows))
    values = connection.execute(_sql(exp.select(numbered, raw).from_(EXTRACT).where(listed))).fetchall()
    beside = (
        connection.execute(_sql(exp.select(numbered, *told).from_(JUDGED).where(listed))).fetchall() if told else []
    )
    facts = {row: dict(zip(check.told_by_row, cells, strict=True)) for row, *cells in beside}
    for row, value in sorted(values):
        yield check.rule.finding(
            row=row,
            column=check.column,
            value=hidden(value) if check.secret else shown(field, value),
            facts={**check.facts, **facts.get(row, {})},
            length=len(value or ""),
        )


def _row_outcomes(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[RowCheck], schema: TableSchema, examples: int
) -> tuple[int, list[Outcome]]:
    rows, results = _scan_rows(connection, checks, examples)
    outcomes = []
    for check, (judged, failed, first) in zip(checks, results, strict=True):
        findings = tuple(_examples(connection, check, first, schema)) if failed else ()
        outcomes.append(Outcome(check, judged, failed, findings))
    return rows, outcomes


def _key_outcome(
    connection: duckdb.DuckDBPyConnection,
    check: KeyCheck | ReferenceCheck,
    schema: TableSchema,
    references: Mapping[str, Path],
    examples: int,
) -> Outcome:
    if isinstance(check, KeyCheck):
        return Outcome(check, *keys.repeated(connection, check, schema, examples))
    return Outcome(check, *keys.without_record(connection, check, schema, references.get(check.resource), examples))


def scan(
    connection: duckdb.DuckDBPyConnection,
    schema: TableSchema,
    headings: Sequence[str],
    *,
    source_headings: Mapping[str, str] | None = None,
    references: Mapping[str, Path] | None = None,
    extra_missing: tuple[str, ...] = (),
    examples: int = 10,
) -> Scan:
    """Check EXTRACT against its schema; leaves the view CELLS behind.

    Args:
        connection: The work connection that holds EXTRACT.
        schema: The table's schema.
        headings: The columns that EXTRACT has.
        source_headings: Their headings in the source, where these are others: findings name the columns by them.
        references: Per foreign key's resource, a Parquet file with its key columns as text.
        extra_missing: Tokens that mean "no value" beside the schema's.
        examples: How many findings each check shows.

    Raises:
        WorkspaceError: the schema asks for what can't be evaluated (a date format unknown to DuckDB …).
    """
    written = source_headings or {}
    there = set(columns_of(schema, headings))
    present = [check for check in checks_of(schema) if _columns(check) <= there]
    row_checks = [check for check in present if isinstance(check, RowCheck)]
    try:
        create_cells(connection, schema, headings, extra_missing)
        _look_at_texts(connection, schema)
        repairs = log_repairs(connection, schema, headings, written, examples)
        rows, outcomes = _row_outcomes(connection, row_checks, schema, examples)
        for check in present:
            if not isinstance(check, RowCheck):
                outcomes.append(_key_outcome(connection, check, schema, references or {}, examples))
    except (duckdb.InvalidInputException, duckdb.BinderException, duckdb.ConversionException) as error:
        raise WorkspaceError(
            f"the schema asks for what can't be evaluated: {error}", fix="mend the field's format, pattern or bounds"
        ) from error
    outcomes = [_as_in_source(outcome, written) for outcome in outcomes]
    return Scan(rows, tuple(column_rules.findings(schema, headings, written)), tuple(outcomes), repairs)


def _as_in_source(outcome: Outcome, source_headings: Mapping[str, str]) -> Outcome:
    columns = (outcome.check.column,) if isinstance(outcome.check, RowCheck) else outcome.check.columns
    shown_as = ", ".join(source_headings.get(column, column) for column in columns)
    return replace(outcome, findings=tuple(replace(finding, column=shown_as) for finding in outcome.findings))


def _columns(check: Check) -> set[str]:
    return {check.column} if isinstance(check, RowCheck) else set(check.columns)
