"""Check: judge an extract against its Table Schema; only this stage makes a Checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Checked, Extract, Inspection, JudgedCheck, ReferredKeys
from quality import score
from quality.bad_cells import mark_bad_cells
from quality.finding import Finding, Quality
from quality.rules.catalogue import RULES
from quality.rules.check import RowCheck
from quality.rules.score_floor import RULE as SCORE_FLOOR
from quality.scan import Outcome, Scan, scan
from quality.table import BAD_CELLS
from resource_catalog.agency import Thresholds
from resource_catalog.table_schema import TableSchema


def _placed(extract: Extract, finding: Finding) -> Finding:
    origin = extract.origin
    return replace(
        finding,
        dataset=extract.entry.id,
        owner=extract.entry.owner,
        file=finding.file or origin.file,
        sheet=finding.sheet or origin.sheet,
    )


def _quality(extract: Extract, result: Scan, floor: float) -> Quality:
    dimensions = score.dimensions(result.outcomes)
    total = score.total(dimensions)
    findings = [*extract.findings, *result.findings]
    counts = {**extract.counts, **result.counts}
    if total is not None and total < floor:
        findings.append(SCORE_FLOOR.finding(score=total, floor=floor))
        counts[SCORE_FLOOR.code] = 1
    return Quality(
        rows=result.rows,
        findings=tuple(_placed(extract, finding) for finding in findings),
        counts=counts,
        severities={code: RULES[code].severity for code in counts},
        score=total,
        dimensions=dimensions,
    )


def _judged(outcome: Outcome) -> JudgedCheck:
    check = outcome.check
    columns = (check.column,) if isinstance(check, RowCheck) else check.columns
    return JudgedCheck(check.rule, columns, outcome.judged, outcome.failed)


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
    return Inspection(extract, schema, (*map(_judged, result.outcomes), *seen))


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


def check(
    extract: Extract,
    schema: TableSchema,
    thresholds: Thresholds,
    references: Sequence[ReferredKeys],
    *,
    mark: bool = False,
) -> Checked | Blocked:
    """Judge every row of an extract.

    Args:
        extract: The rows.
        schema: What they must be.
        thresholds: What the dataset must reach, and how many examples each rule shows.
        references: The keys of the tables that foreign keys point to.
        mark: Whether to leave every bad cell in the work database, for the sections' workbooks.

    Returns:
        Checked if no rule of severity `must` is broken, else Blocked.

    Raises:
        WorkspaceError: the schema asks for what can't be evaluated.
    """
    source = extract.entry.source
    folders = [keys.file.parent for keys in references]
    files = {keys.resource: keys.file for keys in references}
    with open_work(extract.database, folders=folders) as connection:
        result = scan(
            connection,
            schema,
            extract.headings,
            source_headings=extract.source_headings,
            references=files,
            extra_missing=(source.null_values if source else None) or (),
            examples=thresholds.examples_per_rule,
        )
        if mark:
            _mark(connection, extract, result, files)
    quality = _quality(extract, result, thresholds.minimum_score)
    inspection = replace(_inspection(extract, schema, result), marked=mark)
    if quality.valid:
        return Checked(extract, schema, quality, inspection)
    return Blocked(extract.entry, quality, inspection)
