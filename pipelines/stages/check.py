"""Check: judge an extract against its Table Schema; only this stage makes a Checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelines.engines.duck import open_work
from pipelines.handover import Blocked, Checked, Extract, ReferredKeys
from quality import score
from quality.finding import Finding, Quality
from quality.rules.catalogue import RULES
from quality.rules.score_floor import RULE as SCORE_FLOOR
from quality.scan import Scan, scan
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
        repairs=result.repairs,
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
    with open_work(extract.database, folders=folders) as connection:
        result = scan(
            connection,
            schema,
            extract.headings,
            source_headings=extract.source_headings,
            references={keys.resource: keys.file for keys in references},
            extra_missing=(source.null_values if source else None) or (),
            examples=thresholds.examples_per_rule,
        )
    quality = _quality(extract, result, thresholds.minimum_score)
    return Checked(extract, schema, quality) if quality.valid else Blocked(extract.entry, quality)
