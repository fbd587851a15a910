"""Check: judge an extract against its Table Schema; only this stage makes a Checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Checked, Extract, ReferredKeys
from quality.assessment import Counted
from quality.finding import Finding, Quality
from quality.measures import measure
from quality.rules.catalogue import RULES
from quality.rules.score_floor import RULE as SCORE_FLOOR
from quality.scan import Scan, scan
from quality.score import assess_by_all
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


def _quality(extract: Extract, result: Scan, counted: Mapping[str, Counted], thresholds: Thresholds) -> Quality:
    assessments = assess_by_all(counted, thresholds.profile)
    own, floor = assessments[0], thresholds.minimum_score
    findings = [*extract.findings, *result.findings]
    counts = {**extract.counts, **result.counts}
    if own.score is not None and own.score < floor:
        findings.append(SCORE_FLOOR.finding(score=own.score, floor=floor))
        counts[SCORE_FLOOR.code] = 1
    return Quality(
        rows=result.rows,
        findings=tuple(_placed(extract, finding) for finding in findings),
        counts=counts,
        severities={code: RULES[code].severity for code in counts},
        score=own.score,
        dimensions=own.dimensions,
        assessments=assessments,
        counted=counted,
    )


def check(
    extract: Extract, schema: TableSchema, thresholds: Thresholds, references: Sequence[ReferredKeys]
) -> Checked | Blocked:
    """Judge every row of an extract.

    Args:
        extract: The rows.
        schema: What they must be.
        thresholds: What the dataset must reach, and how many examples each rule shows.
        references: The keys of the tables that foreign keys point to.

    Returns:
        Checked if no rule of severity `must` is broken, else Blocked.

    Raises:
        WorkspaceError: the schema asks for what can't be evaluated.
    """
    source = extract.entry.source
    folders = [keys.file.parent for keys in references]
    files = [extract.in_place] if extract.in_place else []
    with open_work(extract.database, folders=folders, files=files) as connection:
        result = scan(
            connection,
            schema,
            extract.headings,
            source_headings=extract.source_headings,
            references={keys.resource: keys.file for keys in references},
            extra_missing=(source.null_values if source else None) or (),
            examples=thresholds.examples_per_rule,
            characters=extract.in_place is not None,
        )
        counted = measure(connection, result, schema, extract.headings, extract.counts)
    quality = _quality(extract, result, counted, thresholds)
    return Checked(extract, schema, quality) if quality.valid else Blocked(extract.entry, quality)
