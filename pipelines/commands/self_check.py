"""The catalogue's own self-check, whole: files, dates, the sources' real columns, the points of the metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines.commands.currency import check_currency
from pipelines.commands.metadata_points import check_metadata
from pipelines.commands.real_columns import compare_columns
from pipelines.commands.run import Run
from pipelines.self_check import SelfCheck
from resource_catalog import fault_rules as rules
from resource_catalog.catalog import check_catalog, in_order
from resource_catalog.catalog_values import CatalogFault
from resource_catalog.issue_ledger import IssueLedger, Row, enter, read_issue_ledger, write_issue_ledger
from resource_catalog.issues import issues_of

#: Where one of these stands, nobody reads the schema.
_NO_SCHEMA = frozenset({rules.SCHEMA_MISSING.code, rules.SCHEMA_UNREADABLE.code})


def self_check(run: Run, *, thorough: bool = False, ledger: Path | None = None) -> SelfCheck:
    """Every fault of the catalogue, with its owner and the day by which it is to be mended.

    Args:
        run: The workspace; its home is only looked at.
        thorough: Compare also the columns of sources that take long to read.
        ledger: The file of the 数据质量问题台账 to enter them in.

    Raises:
        UsageError: the ledger's file has another ending than .csv or .xlsx.
        WorkspaceError: the ledger can't be read.
        OutsideError: the ledger of releases is broken, or the disk refuses the file.
    """
    today = run.at.date()
    known = read_issue_ledger(ledger) if ledger else None
    columns = compare_columns(run, thorough=thorough)
    missing, scores, whole = check_metadata(run)
    faults = in_order([*check_catalog(run.catalog), *check_currency(run), *columns.faults, *missing])
    issues = issues_of(run.catalog, faults, today)
    counts: Mapping[str, int] = {}
    if known is not None and ledger is not None:
        entered, issues = enter(known, issues, today, _judged(run, faults, columns.not_compared))
        write_issue_ledger(entered, ledger)
        counts = _counts(known, entered)
    return SelfCheck(
        workspace=run.workspace.root,
        entries=len(run.catalog.entries),
        issues=issues,
        metadata=scores,
        metadata_of_all=whole,
        not_compared=columns.not_compared,
        entered=counts,
    )


def _counts(before: IssueLedger, after: IssueLedger) -> Mapping[str, int]:
    """How many issues are new in the ledger, how many were found mended, and how many are open."""
    was_open, is_open = (sum(not row["fixed_on"] for row in each.rows) for each in (before, after))
    new = len(after.rows) - len(before.rows)
    return {"new": new, "mended": was_open + new - is_open, "open": is_open}


def _judged(run: Run, faults: tuple[CatalogFault, ...], not_compared: Mapping[str, str]) -> Callable[[Row], bool]:
    """Whether this run would have found a row's issue: not where its entry, schema or source was not read."""
    ids = {entry.code: entry.id for entry in run.catalog.entries}
    without_schema = {fault.entry for fault in faults if fault.rule in _NO_SCHEMA}

    def judged(row: Row) -> bool:
        code, rule = row["resource_code"], row["rule"]
        entry = ids.get(code)
        if code and entry is None:
            return not run.catalog.broken
        if rule in rules.COLUMN_RULES:
            return entry not in not_compared
        return not (rule in rules.SCHEMA_RULES and entry in without_schema)

    return judged
