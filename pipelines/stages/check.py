"""Check: judge an extract against its Table Schema; only this stage makes a Checked."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import duckdb

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Checked, Extract, ReferredKeys
from quality import score
from quality.finding import Finding, HeldBack, Quality, Severity
from quality.quarantine import Separation, put_back, separate
from quality.rules import reading
from quality.rules.catalogue import RULES
from quality.rules.gate import QUARANTINE_CEILING
from quality.rules.score_floor import RULE as SCORE_FLOOR
from quality.scan import Outcome, Scan, scan
from quality.waivers import Waiving, refuse_unfit_waivers, set_aside
from resource_catalog.agency import Thresholds
from resource_catalog.table_schema import TableSchema


@dataclass(frozen=True)
class _Judged:
    """A scan of the rows that would be published, what its waivers let pass, and what was held back."""

    scan: Scan
    waiving: Waiving
    separation: Separation | None = None


def _placed(extract: Extract, finding: Finding) -> Finding:
    origin = extract.origin
    return replace(
        finding,
        dataset=extract.entry.id,
        owner=extract.entry.owner,
        file=finding.file or origin.file,
        sheet=finding.sheet or origin.sheet,
    )


def _gate_findings(extract: Extract, judged: _Judged, total: float | None, floor: float) -> list[Finding]:
    """What the gate itself finds: waivers that are over or of no use, too many bad rows, too low a score."""
    found = list(judged.waiving.findings)
    ceiling, separation = extract.entry.quality.quarantine, judged.separation
    if ceiling and separation and separation.rest is None:
        rows = judged.scan.rows
        found.append(
            QUARANTINE_CEILING.finding(facts={"held": separation.rows, "limit": ceiling.limit(rows)}, rows=rows)
        )
    if total is not None and total < floor:
        found.append(SCORE_FLOOR.finding(score=total, floor=floor))
    return found


def _held_back(extract: Extract, judged: _Judged, rows: int) -> HeldBack | None:
    separation = judged.separation
    if separation is None or separation.rest is None:
        return None
    findings = tuple(_placed(extract, finding) for finding in separation.findings)
    return HeldBack(separation.rows, rows + separation.rows, separation.rules, findings)


def _quality(extract: Extract, judged: _Judged, floor: float) -> Quality:
    result = replace(judged.scan, outcomes=judged.waiving.outcomes)
    dimensions = score.dimensions(result.outcomes)
    total = score.total(dimensions)
    own = _gate_findings(extract, judged, total, floor)
    counts = {**extract.counts, **result.counts}
    for finding in own:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return Quality(
        rows=result.rows,
        findings=tuple(_placed(extract, finding) for finding in (*extract.findings, *result.findings, *own)),
        counts=counts,
        severities={code: RULES[code].severity for code in counts},
        score=total,
        dimensions=dimensions,
        held_back=_held_back(extract, judged, result.rows),
        waived=judged.waiving.waived,
    )


def _only_rows_are_at_fault(extract: Extract, result: Scan, blocking: Sequence[Outcome]) -> bool:
    """Whether what blocks is in rows: of a source that was read with faults, or lacks a column, no row is sure.

    A rule of reading is one wherever it was judged.
    """
    of_reading = any(RULES[code].severity is Severity.MUST for code, count in extract.counts.items() if count)
    of_reading |= any(outcome.check.rule in reading.RULES for outcome in blocking)
    return not of_reading and all(found.severity is not Severity.MUST for found in (*extract.findings, *result.columns))


def _judge(
    connection: duckdb.DuckDBPyConnection,
    extract: Extract,
    judge: Callable[[], Scan],
    consider: Callable[[Scan], Waiving],
    references: Sequence[ReferredKeys],
) -> _Judged:
    whole = judge()
    waiving = consider(whole)
    ceiling = extract.entry.quality.quarantine
    if not waiving.blocking or ceiling is None or not _only_rows_are_at_fault(extract, whole, waiving.blocking):
        return _Judged(whole, waiving)
    separation = separate(
        connection,
        whole,
        ceiling.limit(whole.rows),
        judge,
        lambda found: consider(found).blocking,
        {keys.resource: keys.file for keys in references},
    )
    if separation.rest is None:
        return _Judged(whole, waiving, separation)
    # What is said of the waivers themselves is said of the whole table: rows that went may have been what one is for.
    return _Judged(separation.rest, replace(consider(separation.rest), findings=waiving.findings), separation)


def _scanning(
    connection: duckdb.DuckDBPyConnection,
    extract: Extract,
    schema: TableSchema,
    references: Sequence[ReferredKeys],
    examples: int,
) -> Callable[[], Scan]:
    """What scans EXTRACT, as often as it is called."""
    source = extract.entry.source
    return partial(
        scan,
        connection,
        schema,
        extract.headings,
        source_headings=extract.source_headings,
        references={keys.resource: keys.file for keys in references},
        extra_missing=(source.null_values if source else None) or (),
        examples=examples,
    )


def check(
    extract: Extract,
    schema: TableSchema,
    thresholds: Thresholds,
    references: Sequence[ReferredKeys],
    *,
    today: datetime.date,
) -> Checked | Blocked:
    """Judge every row of an extract.

    Where the entry allows it, rows that break `must` rules leave EXTRACT, and the rest is judged again.

    Args:
        extract: The rows.
        schema: What they must be.
        thresholds: What the agency's datasets must reach, and how many examples each rule shows.
        references: The keys of the tables that foreign keys point to.
        today: The day by which waivers hold or are over.

    Returns:
        Checked if no rule of severity `must` is broken but for what is waived, else Blocked.

    Raises:
        WorkspaceError: the schema asks for what can't be evaluated, or the entry waives what may not be waived.
    """
    entry = extract.entry
    own = entry.quality.over(thresholds)
    refuse_unfit_waivers(entry.quality.waivers, schema, entry.id)

    def consider(found: Scan) -> Waiving:
        return set_aside(found.outcomes, entry.quality.waivers, schema, today)

    with open_work(extract.database, folders=[keys.file.parent for keys in references]) as connection:
        judge = _scanning(connection, extract, schema, references, own.examples_per_rule)
        judged = _judge(connection, extract, judge, consider, references)
        quality = _quality(extract, judged, own.minimum_score)
        if quality.held_back and not quality.valid:
            put_back(connection)  # other tables refer to the rows of the source where nothing is made of it
    if not quality.valid:
        return Blocked(entry, quality)
    return Checked(replace(extract, rows=quality.rows), schema, quality)
