"""Waivers: which broken `must` rules don't block a dataset for a time, and which may never be waived.

What may be waived says so itself (`Rule.waivable`), so that a new rule can't be waived by oversight.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from quality.finding import Finding, Severity, Waived
from quality.rules import gate, reading, score_floor
from quality.rules import type as type_rule
from quality.rules.catalogue import RULES
from quality.rules.extra_column import RULE as EXTRA_COLUMN
from quality.rules.missing_column import RULE as MISSING_COLUMN
from quality.rules.primary_key import RULE as PRIMARY_KEY
from quality.rules.required import RULE as REQUIRED
from quality.scan import Outcome
from resource_catalog.errors import WorkspaceError
from resource_catalog.quality_settings import Waiver
from resource_catalog.table_schema import TableSchema

_OF_READING = "what is wrong with the reading of a source leaves in doubt what its rows are"
_WHY_NOT = {
    **{rule.code: _OF_READING for rule in reading.RULES},
    type_rule.RULE.code: "a value that its type refuses can't be published in it, and would be missing",
    PRIMARY_KEY.code: "releases are ordered, compared and updated by their key",
    MISSING_COLUMN.code: "the column would be published without a value",
    EXTRA_COLUMN.code: "what no schema describes is never published: describe it, with disclosure: never if need be",
    score_floor.RULE.code: "the entry's quality.minimum_score says what the dataset must reach",
    gate.QUARANTINE_CEILING.code: "the entry's quality.quarantine says how many rows may be held back",
}
_SAFETY = "it says nothing of being waivable, as no rule does that decides what may leave"


@dataclass(frozen=True)
class Waiving:
    """What is left of a scan once waivers are taken into account.

    `outcomes` are all of them, the examples of the waived ones marked; `blocking` are the failed ones of `must` rules
    that no waiver lets pass; `findings` tell of waivers that are over or of no use.
    """

    outcomes: tuple[Outcome, ...]
    blocking: tuple[Outcome, ...]
    waived: tuple[Waived, ...]
    findings: tuple[Finding, ...]


def _why_not_here(rule: str, columns: Sequence[str], schema: TableSchema) -> str:
    """Why a rule that may be waived elsewhere may not be on these columns; "" where it may."""
    if rule == REQUIRED.code and set(columns) & set(schema.primary_key):
        return f"{', '.join(columns)} is of the primary key: {_WHY_NOT[PRIMARY_KEY.code]}"
    conditions = {name for field in schema.fields if field.mask for name in field.mask.where}
    if set(columns) & conditions:
        return f"whether a value is masked hangs on {', '.join(columns)}, and a wrong value there would disclose it"
    return ""


def _obstacle(waiver: Waiver, schema: TableSchema) -> tuple[str, str]:
    """Why a waiver can't be, and what to do; ("", "") where it can."""
    rule = RULES.get(waiver.rule)
    if rule is None:
        return f"there is no rule {waiver.rule!r}", "use a code of quality/RULES.md"
    if rule.severity is not Severity.MUST:
        return f"{rule.code} blocks nothing, so there is nothing to waive", "take the waiver out of the entry"
    if not rule.waivable:
        return f"{rule.code} may not be waived: {_WHY_NOT.get(rule.code, _SAFETY)}", "mend the source, or the schema"
    if waiver.column and waiver.column not in schema.names:
        return f"the schema has no field {waiver.column!r}", "name a field, or leave column out to mean all"
    why = _why_not_here(rule.code, (waiver.column,), schema)
    return (f"{rule.code} may not be waived here: {why}", "mend the source") if why else ("", "")


def refuse_unfit_waivers(waivers: Iterable[Waiver], schema: TableSchema, where: str) -> None:
    """Refuse waivers of what may not be waived, or of what isn't there, whether they are in force or not.

    Raises:
        WorkspaceError: one of them is such.
    """
    for waiver in waivers:
        what, fix = _obstacle(waiver, schema)
        if what:
            raise WorkspaceError(what, where=f"quality.waivers of {where}", fix=fix)


def waivers_in_force(waivers: Iterable[Waiver], day: datetime.date) -> list[bool]:
    """Per waiver whether it holds on a day: part of what a check's outcome hangs on."""
    return [waiver.holds_on(day) for waiver in waivers]


def _blocks(outcome: Outcome) -> bool:
    """Whether an outcome keeps its dataset from being published, as long as nothing lets it pass."""
    return outcome.failed > 0 and outcome.severity is Severity.MUST


def _lets_pass(waiver: Waiver, outcome: Outcome, schema: TableSchema) -> bool:
    check = outcome.check
    if not _blocks(outcome) or check.rule.code != waiver.rule:
        return False
    columns = check.columns
    return waiver.column in ("", *columns) and not _why_not_here(waiver.rule, columns, schema)


def _told(waivers: Sequence[Waiver], used: set[int], day: datetime.date) -> Iterator[Finding]:
    for position, waiver in enumerate(waivers):
        rule = None if position in used else gate.WAIVER_UNUSED
        if not waiver.holds_on(day):
            rule = gate.WAIVER_EXPIRED
        if rule:
            facts = {"waived_rule": waiver.rule, "until": waiver.until.isoformat()}
            where = f" on {waiver.column}" if waiver.column else ""
            yield rule.finding(column=waiver.column, where=where, facts=facts)


def set_aside(
    outcomes: Sequence[Outcome], waivers: Sequence[Waiver], schema: TableSchema, day: datetime.date
) -> Waiving:
    """Take an entry's waivers into account; where two let the same findings pass, the first is the one that counts.

    Args:
        outcomes: What a scan found.
        waivers: The entry's, none of them unfit.
        schema: The table's schema.
        day: The day of the run; a waiver holds on its last day.
    """
    counts: dict[int, int] = {}
    marked = []
    for outcome in outcomes:
        letting = (
            position
            for position, waiver in enumerate(waivers)
            if waiver.holds_on(day) and _lets_pass(waiver, outcome, schema)
        )
        first = next(letting, None)
        if first is not None:
            counts[first] = counts.get(first, 0) + outcome.failed
            outcome = replace(outcome, findings=tuple(replace(one, waived=True) for one in outcome.findings))
        marked.append((outcome, first is None))
    blocking = tuple(outcome for outcome, alone in marked if alone and _blocks(outcome))
    waived = tuple(
        Waived(one.rule, one.column, counts[position], one.reason, one.person, one.until)
        for position, one in enumerate(waivers)
        if position in counts
    )
    told = tuple(_told(waivers, set(counts), day))
    return Waiving(tuple(outcome for outcome, _alone in marked), blocking, waived, told)
