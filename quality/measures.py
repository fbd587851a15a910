"""What a check counted, by the numbers of GB/T 36344-2018: the A and B of every indicator that something judged.

An element is what a rule judges: a cell, a row that has a key, a column of the schema. What stops a source from being
read, or is a gate of its own (a macro, a score below its floor), has no elements; it blocks, and is not counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb
from sqlglot import exp

from quality.aggregates import readable
from quality.assessment import Counted, Tally
from quality.finding import Severity
from quality.rules.check import Check, RowCheck
from quality.rules.extra_column import RULE as EXTRA_COLUMN
from quality.rules.missing_column import RULE as MISSING_COLUMN
from quality.rules.reading import BLANK_ROW, CELL_ERROR, PRECISION_LOST
from quality.rules.rule import Rule
from quality.scan import Outcome, Scan
from quality.score import Counts, summed
from quality.table import JUDGED
from resource_catalog.table_schema import TableSchema

#: A cell that breaks a `must` rule of these is dirty data: what it holds is not what its definition allows.
_VALIDITY = frozenset({"0101", "0105", "0301", "0302"})
#: Rules of reading that are about cells, and make them dirty.
_UNREADABLE_JUDGED = (CELL_ERROR.code, PRECISION_LOST.code)


def numbers_of(rule: Rule) -> tuple[str, ...]:
    """The indicators that a rule's counts feed: its own, and of uniqueness also the rate of duplicates."""
    return (rule.indicator, "0303") if rule.indicator == "0304" else (rule.indicator,)


def measure(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    schema: TableSchema,
    headings: Sequence[str],
    reading: Mapping[str, int],
) -> dict[str, Counted]:
    """Everything that was counted of one table.

    Args:
        connection: The work connection, after the scan; the view JUDGED must be the scan's.
        scan: What the scan found.
        schema: The table's schema.
        headings: The columns that the table has.
        reading: How often each rule of reading was broken, exact.
    """
    unfilled, dirty = _unfilled(scan, schema, headings, reading), _dirty(connection, scan.outcomes, reading)
    return summed((*_judged(scan.outcomes), _columns(scan, schema), unfilled, dirty))


def _judged(outcomes: Iterable[Outcome]) -> Iterator[Counts]:
    for outcome in outcomes:
        rule, tally = outcome.check.rule, Tally(outcome.judged, outcome.failed)
        if not rule.scored:
            continue
        yield {number: Counted(tally, {rule.code: tally}) for number in numbers_of(rule)}


def _columns(scan: Scan, schema: TableSchema) -> Counts:
    """0102: of the schema's columns those that are missing, and columns beyond them."""
    missing = sum(finding.rule == MISSING_COLUMN.code for finding in scan.columns)
    extra = sum(finding.rule == EXTRA_COLUMN.code for finding in scan.columns)
    rules = {MISSING_COLUMN.code: Tally(len(schema.fields), missing)}
    if extra:
        rules[EXTRA_COLUMN.code] = Tally(extra, extra)
    return {MISSING_COLUMN.indicator: Counted(sum(rules.values(), Tally()), rules)}


def _unfilled(scan: Scan, schema: TableSchema, headings: Sequence[str], reading: Mapping[str, int]) -> Counts:
    """0201: cells that should be filled and that the scan has not seen: of blank rows, and of missing columns."""
    required = [field.name for field in schema.fields if field.constraints.required or field.name in schema.primary_key]
    of_columns = scan.rows * sum(name not in headings for name in required)
    of_rows = reading.get(BLANK_ROW.code, 0) * len(required)
    rules = {
        code: Tally(cells, cells)
        for code, cells in ((MISSING_COLUMN.code, of_columns), (BLANK_ROW.code, of_rows))
        if cells
    }
    return {"0201": Counted(sum(rules.values(), Tally()), rules)} if rules else {}


def _dirty(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome], reading: Mapping[str, int]) -> Counts:
    """0305: cells that break some rule of validity, each once, of the cells that such a rule judged."""
    by_column: dict[str, list[Outcome]] = {}
    rules: dict[str, Tally] = {}
    for outcome in outcomes:
        check = outcome.check
        if isinstance(check, RowCheck) and _tells_dirt(outcome, check):
            by_column.setdefault(check.column, []).append(outcome)
            tally = Tally(outcome.judged, outcome.failed)
            rules[check.rule.code] = rules.get(check.rule.code, Tally()) + tally
    if not by_column:
        return {}
    unread = {code: Tally(reading[code], reading[code]) for code in _UNREADABLE_JUDGED if reading.get(code)}
    judged = sum(max(outcome.judged for outcome in column) for column in by_column.values())
    cells = Tally(judged, _dirty_cells(connection, list(by_column.values())))
    return {"0305": Counted(sum(unread.values(), cells), rules | unread)}


def _tells_dirt(outcome: Outcome, check: RowCheck) -> bool:
    """Whether a cell that fails is dirty: one that is judged by its neighbours, or may fail, is none."""
    of_cells = check.rule.scored and not (check.of_all_rows or check.windowed or check.beside)
    firm = outcome.severity is Severity.MUST and not check.told_only and not outcome.tolerated
    return check.rule.indicator in _VALIDITY and of_cells and firm


def _dirty_cells(connection: duckdb.DuckDBPyConnection, columns: Iterable[Sequence[Outcome]]) -> int:
    """How many cells break at least one check; the table is asked only where the scan's examples don't tell."""
    known, unknown = 0, []
    for outcomes in columns:
        failing = [outcome for outcome in outcomes if outcome.failed]
        if len(failing) < 2:
            known += sum(outcome.failed for outcome in failing)
        elif all(len(outcome.findings) == outcome.failed for outcome in failing):
            known += len({finding.row for outcome in failing for finding in outcome.findings})
        else:
            unknown.append([outcome.check for outcome in failing])
    return known + (_count_cells(connection, unknown) if unknown else 0)


def _count_cells(connection: duckdb.DuckDBPyConnection, columns: Iterable[Iterable[Check]]) -> int:
    counted = []
    for checks in columns:
        fails = exp.or_(*(readable(connection, check.fails) for check in checks if isinstance(check, RowCheck)))
        counted.append(exp.Count(this=exp.Case().when(fails, exp.Literal.number(1))))
    query = exp.select(*counted).from_(JUDGED).sql("duckdb", identify=True)
    return sum(connection.execute(query).fetchone() or ())
