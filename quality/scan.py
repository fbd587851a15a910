"""One table against its Table Schema: one aggregate scan for all rules of rows, one query per key.

Counts are exact over the whole table; examples are the first rows that fail, in the source's own numbering.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from quality import keys
from quality.aggregates import alone, named, sql_of, values_of
from quality.characters import character_check, is_cleared
from quality.finding import Finding, RepairLog, Severity, Validation
from quality.judged_cells import create_cells, look_at_texts
from quality.masking import hidden, shown
from quality.repair_log import log_repairs
from quality.repairs.catalogue import columns_of
from quality.rules import columns as column_rules
from quality.rules.catalogue import RULES, checks_of
from quality.rules.check import Check, KeyCheck, ReferenceCheck, RowCheck, TableCheck, Verdict
from quality.table import EXTRACT, JUDGED, ROW
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema


@dataclass(frozen=True)
class Outcome:
    """What one check found: how many values it judged, how many failed, and the first of them.

    `tolerated` failed, too, and are within what the check lets pass: they are no findings. `concerned` is how many rows
    the check is about, `failing` the numbers of the first rows that fail, tolerated or not; `verdict` is of a
    TableCheck.
    """

    check: Check
    judged: int
    failed: int
    findings: tuple[Finding, ...]
    concerned: int = 0
    tolerated: int = 0
    failing: tuple[int, ...] = ()
    verdict: Verdict | None = None

    @property
    def severity(self) -> Severity:
        """How grave the check's failures are."""
        own = self.check.severity if isinstance(self.check, RowCheck | TableCheck) else None
        return own or self.check.rule.severity


@dataclass(frozen=True)
class Scan:
    """A table's outcomes, the findings about its columns, what its suite and its declared repairs came to."""

    rows: int
    columns: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    validation: Validation | None = None
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
        """The severity of each rule that failed; of a rule whose checks differ in it, the gravest of those that did."""
        severities = {finding.rule: RULES[finding.rule].severity for finding in self.columns}
        for outcome in self.outcomes:
            code = outcome.check.rule.code
            if outcome.failed and severities.get(code) is not Severity.MUST:
                severities[code] = outcome.severity
        return severities


#: What DuckDB raises where a format, a pattern or a bound can't be used, or an aggregate grows beyond its type.
_NOT_EVALUATED = (
    duckdb.InvalidInputException,
    duckdb.BinderException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
)


def _examples(
    connection: duckdb.DuckDBPyConnection, check: RowCheck, rows: Sequence[int], schema: TableSchema
) -> Iterator[Finding]:
    raw = [exp.column(exp.to_identifier(column, quoted=True)) for column in check.columns]
    told = [named(told, name) for name, told in check.told_by_row.items()]
    numbered = exp.column(ROW, quoted=True)
    listed = numbered.isin(*(exp.Literal.number(int(row)) for row in rows))
    values = connection.execute(sql_of(exp.select(numbered, *raw).from_(EXTRACT).where(listed))).fetchall()
    beside = (
        connection.execute(sql_of(exp.select(numbered, *told).from_(JUDGED).where(listed))).fetchall() if told else []
    )
    facts = {row: dict(zip(check.told_by_row, cells, strict=True)) for row, *cells in beside}
    for row, *cells in sorted(values, key=lambda read: read[0]):
        named_cells = zip(check.columns, cells, strict=True)
        masked = [hidden(cell) if check.secret else shown(schema.field(name), cell) for name, cell in named_cells]
        value = masked[0] if len(masked) == 1 else ", ".join(cell or "" for cell in masked)
        finding = check.rule.finding(
            row=row,
            column=", ".join(check.columns),
            value=value,
            facts={**check.facts, **facts.get(row, {})},
            length=len(cells[0] or ""),
        )
        yield finding if check.severity is None else replace(finding, severity=check.severity)


def row_outcome(
    connection: duckdb.DuckDBPyConnection,
    check: RowCheck,
    values: Sequence[Any],
    schema: TableSchema,
    examples: int,
) -> Outcome:
    """The outcome of a check by row; `values` are the rows concerned, judged and failed, and the first that fail."""
    concerned, judged, failed, listed = values
    failing = tuple(listed or ())
    if check.tolerates(judged, failed):
        return Outcome(check, judged, 0, (), concerned, failed, failing)
    findings = tuple(_examples(connection, check, failing[:examples], schema)) if failed else ()
    return Outcome(check, judged, failed, findings, concerned, failing=failing)


def table_outcome(check: TableCheck, verdict: Verdict) -> Outcome:
    """The outcome of a check of the whole table, which judges one thing."""
    if verdict.met or check.told_only:
        return Outcome(check, 1, 0, (), tolerated=int(not verdict.met), verdict=verdict)
    columns = ", ".join(check.columns)
    finding = check.rule.finding(row=check.row, column=columns, facts=check.facts, observed=verdict.observed)
    finding = finding if check.severity is None else replace(finding, severity=check.severity)
    return Outcome(check, 1, 1, (finding,), verdict=verdict)


def _scanned(
    connection: duckdb.DuckDBPyConnection,
    checks: Sequence[RowCheck | TableCheck],
    schema: TableSchema,
    examples: int,
) -> tuple[int, list[Outcome]]:
    """All that one scan can answer in one, then a query for each of the others; outcomes in the order of the checks."""
    rows, values = values_of(connection, [check for check in checks if not alone(check)], examples)
    together = iter(values)
    outcomes = []
    for check in checks:
        own = values_of(connection, [check], examples)[1][0] if alone(check) else next(together)
        if isinstance(check, RowCheck):
            outcomes.append(row_outcome(connection, check, own, schema, examples))
        else:
            outcomes.append(table_outcome(check, check.verdict(own)))
    return rows, outcomes


def _character_checks(schema: TableSchema, outcomes: Sequence[Outcome]) -> list[RowCheck]:
    """Of the fields whose checks leave a place for unwanted characters only where they fail, those where they do."""
    failing = {outcome.check.column for outcome in outcomes if isinstance(outcome.check, RowCheck) and outcome.failed}
    return [character_check(field) for field in schema.fields if field.name in failing and is_cleared(field)]


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
    characters: bool = False,
    further: Sequence[Check] = (),
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
        characters: Whether to look for characters that no table may hold; readers have done so where they copy rows.
        further: Checks beside the schema's own.

    Raises:
        WorkspaceError: the schema asks for what can't be evaluated (a date format unknown to DuckDB …).
    """
    written, there = source_headings or {}, set(columns_of(schema, headings))
    present = [check for check in (*checks_of(schema), *further) if set(check.columns) <= there]
    scanned = [check for check in present if isinstance(check, RowCheck | TableCheck)]
    if characters:
        scanned += [character_check(field) for field in schema.fields if not is_cleared(field)]
    try:
        create_cells(connection, schema, headings, extra_missing)
        look_at_texts(connection, schema)
        repairs = log_repairs(connection, schema, headings, written, examples)
        rows, outcomes = _scanned(connection, scanned, schema, examples)
        if characters and (unsure := _character_checks(schema, outcomes)):
            outcomes += _scanned(connection, unsure, schema, examples)[1]
        for check in present:
            if isinstance(check, KeyCheck | ReferenceCheck):
                outcomes.append(_key_outcome(connection, check, schema, references or {}, examples))
    except _NOT_EVALUATED as error:
        raise WorkspaceError(
            f"the schema asks for what can't be evaluated: {error}", fix="mend the field's format, pattern or bounds"
        ) from error
    outcomes = [as_in_source(outcome, written) for outcome in outcomes]
    columns = tuple(column_rules.findings(schema, headings, written))
    return Scan(rows, columns, tuple(outcomes), repairs=repairs)


def as_in_source(outcome: Outcome, source_headings: Mapping[str, str]) -> Outcome:
    """The same with the columns named as the source has them."""
    shown_as = ", ".join(source_headings.get(column, column) for column in outcome.check.columns)
    return replace(outcome, findings=tuple(replace(finding, column=shown_as) for finding in outcome.findings))
