"""Check: judge an extract against its Table Schema; only this stage makes a Checked."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Checked, Extract, Inspection, JudgedCheck, ReferredKeys
from quality.assessment import Counted
from quality.bad_cells import mark_bad_cells
from quality.expectations.judge import judge
from quality.expectations.last_release import LastRelease
from quality.expectations.suite import Suite
from quality.finding import Finding, HeldBack, Quality, Severity
from quality.measures import measure
from quality.quarantine import Separation, put_back, separate
from quality.rules import reading, total_sum
from quality.rules.catalogue import RULES
from quality.rules.gate import QUARANTINE_CEILING
from quality.rules.score_floor import RULE as SCORE_FLOOR
from quality.scan import Outcome, Scan
from quality.score import assess_by_all
from quality.table import BAD_CELLS
from quality.waivers import Waiving, refuse_unfit_waivers, set_aside
from resource_catalog.agency import Thresholds
from resource_catalog.quality_settings import Waiver
from resource_catalog.table_schema import TableSchema


@dataclass(frozen=True)
class _Judged:
    """A scan of the rows that would be published, what its waivers let pass, what was held back; and of all rows."""

    scan: Scan
    waiving: Waiving
    whole: Scan
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


def _quality(
    extract: Extract, judged: _Judged, counted: Mapping[str, Counted], thresholds: Thresholds, floor: float
) -> Quality:
    result = replace(judged.scan, outcomes=judged.waiving.outcomes)
    assessments = assess_by_all(counted, thresholds.profile)
    score = assessments[0]
    own = _gate_findings(extract, judged, score.score, floor)
    counts = {**extract.counts, **result.counts}
    for finding in own:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return Quality(
        rows=result.rows,
        findings=tuple(_placed(extract, finding) for finding in (*extract.findings, *result.findings, *own)),
        counts=counts,
        severities={code: RULES[code].severity for code in counts} | result.severities(),
        score=score.score,
        dimensions=score.dimensions,
        assessments=assessments,
        counted=counted,
        held_back=_held_back(extract, judged, result.rows),
        waived=judged.waiving.waived,
        validation=judged.scan.validation,
        repairs=judged.scan.repairs,
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
    scan: Callable[[], Scan],
    consider: Callable[[Scan], Waiving],
    references: Mapping[str, Path],
) -> _Judged:
    whole = scan()
    waiving = consider(whole)
    ceiling = extract.entry.quality.quarantine
    if not waiving.blocking or ceiling is None or not _only_rows_are_at_fault(extract, whole, waiving.blocking):
        return _Judged(whole, waiving, whole)
    separation = separate(
        connection,
        whole,
        ceiling.limit(whole.rows),
        scan,
        lambda found: consider(found).blocking,
        references,
    )
    if separation.rest is None:
        return _Judged(whole, waiving, whole, separation)
    # What is said of the waivers themselves is said of the whole table: rows that went may have been what one is for.
    left = replace(consider(separation.rest), findings=waiving.findings)
    return _Judged(separation.rest, left, whole, separation)


@dataclass(frozen=True)
class _Asked:
    """What a table is held against."""

    schema: TableSchema
    references: Mapping[str, Path]
    examples: int
    suite: Suite | None
    previous: LastRelease | None
    others: Mapping[str, int]

    @property
    def folders(self) -> list[Path]:
        """The folders that a scan reads from."""
        return [file.parent for file in self.references.values()]

    def files(self, extract: Extract) -> list[Path]:
        """The single files that a scan reads, beside the extract's own."""
        return [file for file in (extract.in_place, self.previous.file if self.previous else None) if file]


def _scan(connection: duckdb.DuckDBPyConnection, extract: Extract, asked: _Asked) -> Scan:
    """Scan EXTRACT as it is now."""
    source = extract.entry.source
    found, validation = judge(
        connection,
        asked.schema,
        extract.headings,
        asked.suite,
        previous=asked.previous,
        others=asked.others,
        source_headings=extract.source_headings,
        references=asked.references,
        extra_missing=(source.null_values if source else None) or (),
        examples=asked.examples,
        characters=extract.in_place is not None,
        further=[*total_sum.checks(asked.schema, extract.footers)],
    )
    return replace(found, validation=validation)


def _judged_check(outcome: Outcome) -> JudgedCheck:
    check = outcome.check
    return JudgedCheck(check.rule, check.columns, outcome.judged, outcome.failed)


def _seen_by_reading(extract: Extract) -> dict[str, list[Finding]]:
    """What reading found, by rule; it shows examples, and no check of it can be run again for more."""
    found: dict[str, list[Finding]] = {}
    for finding in extract.findings:
        found.setdefault(finding.rule, []).append(finding)
    return found


def _inspection(extract: Extract, schema: TableSchema, result: Scan) -> Inspection:
    seen = [
        JudgedCheck(RULES[code], (), None, extract.counts.get(code, len(findings)))
        for code, findings in _seen_by_reading(extract).items()
    ]
    return Inspection(extract, schema, (*map(_judged_check, result.outcomes), *seen))


def _mark(
    connection: duckdb.DuckDBPyConnection, extract: Extract, result: Scan, references: Mapping[str, Path]
) -> None:
    """Leave every bad cell in BAD_CELLS; those that reading showed are named by their heading in the source there."""
    mark_bad_cells(connection, result, references)
    fields = {heading: field for field, heading in extract.source_headings.items()}
    for position, findings in enumerate(_seen_by_reading(extract).values(), len(result.outcomes)):
        for finding in findings:
            cell = [position, finding.row, fields.get(finding.column, finding.column)]
            if finding.row is not None:
                connection.execute(f"INSERT INTO {BAD_CELLS} VALUES (?, ?, ?)", cell)


def _opened(extract: Extract, asked: _Asked) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The extract's database; alone where the source itself is judged."""
    alone = extract.in_place is not None
    return open_work(extract.database, folders=asked.folders, files=asked.files(extract), alone=alone)


def _considered(found: Scan, waivers: Sequence[Waiver], schema: TableSchema, today: datetime.date) -> Waiving:
    return set_aside(found.outcomes, waivers, schema, today)


def check(
    extract: Extract,
    schema: TableSchema,
    thresholds: Thresholds,
    references: Sequence[ReferredKeys],
    *,
    today: datetime.date,
    mark: bool = False,
    suite: Suite | None = None,
    previous: LastRelease | None = None,
    others: Mapping[str, int] | None = None,
) -> Checked | Blocked:
    """Judge every row of an extract.

    Where the entry allows it, rows that break `must` rules leave EXTRACT, and the rest is judged again.

    Args:
        extract: The rows.
        schema: What they must be.
        thresholds: What the agency's datasets must reach, and how many examples each rule shows.
        references: The keys of the tables that foreign keys point to.
        today: The day by which waivers hold or are over.
        mark: Whether to leave every bad cell in the work database, and every row in EXTRACT, for the workbooks.
        suite: What is expected beside the schema.
        previous: The release that readers see, for what the suite asks of it.
        others: How many rows other datasets have, of those that the suite names.

    Returns:
        Checked if no rule of severity `must` is broken but for what is waived, else Blocked.

    Raises:
        WorkspaceError: the schema asks for what can't be evaluated, or the entry waives what may not be waived.
    """
    entry, own = extract.entry, extract.entry.quality.over(thresholds)
    refuse_unfit_waivers(entry.quality.waivers, schema, entry.id)
    consider = partial(_considered, waivers=entry.quality.waivers, schema=schema, today=today)
    known = {keys.resource: keys.file for keys in references}
    asked = _Asked(schema, known, own.examples_per_rule, suite, previous, others or {})
    with _opened(extract, asked) as connection:
        judged = _judge(connection, extract, partial(_scan, connection, extract, asked), consider, known)
        counted = measure(connection, judged.scan, schema, extract.headings, extract.counts)
        quality = _quality(extract, judged, counted, thresholds, own.minimum_score)
        if quality.held_back and (mark or not quality.valid):
            put_back(connection)  # other tables refer to the rows of the source where nothing is made of it
        if mark:
            _mark(connection, extract, judged.whole, known)
    inspection = replace(_inspection(extract, schema, judged.whole), marked=mark)
    if not quality.valid:
        return Blocked(entry, quality, inspection)
    return Checked(replace(extract, rows=quality.rows), schema, quality, inspection)
