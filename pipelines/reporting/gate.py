"""What the quality gate did to a dataset, in words: rows held back, what is waived, what is to be confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.plan import Confirmation, Decision, Verdict
from pipelines.reporting.words import Words
from quality.finding import HeldBack, Quality, Waived


def gate_words(decision: Decision) -> list[Words]:
    """A line for each fact, what someone must do first."""
    said = [_of_confirmation(decision.confirmation)] if decision.confirmation else []
    return [*said, *quality_words(decision)]


def counted_findings(quality: Quality) -> str:
    """How many findings there are of each kind, waived ones where there are any."""
    waived = sum(one.count for one in quality.waived)
    said = f"{quality.must:,} must, {quality.should:,} should"
    return f"{said}, {waived:,} waived" if waived else said


def quality_words(decision: Decision) -> Iterator[Words]:
    """A line for what was held back and for each waiver: all but the confirmation, which the reason has in English."""
    if decision.quality is None:
        return
    if decision.quality.held_back:
        yield _of_held_back(decision.quality.held_back, _list_of(decision))
    for waived in decision.quality.waived:
        yield _of_waived(waived)


def _list_of(decision: Decision) -> str:
    """Where in the home the rows are listed that a release leaves out; "" before it is made."""
    made = decision.verdict in (Verdict.PUBLISHED, Verdict.UNCHANGED) and decision.release is not None
    return f"quarantine/{decision.dataset}/{decision.release}.csv" if made else ""


def _of_confirmation(asked: Confirmation) -> Words:
    needed = "; ".join(asked.needed)
    if asked.by:
        return Words(f"与上一版差异较大，由 {asked.by} 确认：{needed}", f"confirmed by {asked.by}: {needed}")
    return Words(
        f"与上一版差异较大，需要确认：{needed}；确认码 {asked.token}",
        f"to be confirmed: {needed}; by --confirm {asked.token}",
    )


def _of_held_back(held: HeldBack, listed: str) -> Words:
    rules = ", ".join(f"{rule} {rows:,}" for rule, rows in held.rules.items())
    zh = f"隔离 {held.rows:,} 行（共 {held.of:,} 行）：{rules}"
    en = f"held back: {held.rows:,} of {held.of:,} rows ({rules})"
    return Words(f"{zh}；清单 {listed}", f"{en}; listed in the home's {listed}") if listed else Words(zh, en)


def _of_waived(waived: Waived) -> Words:
    place = f" {waived.column}" if waived.column else ""
    until = waived.until.isoformat()
    return Words(
        f"豁免 {waived.rule}{place} {waived.count:,} 处，至 {until}，{waived.person}：{waived.reason}",
        f"waived: {waived.rule}{place}, {waived.count:,} findings, until {until}, by {waived.person}: {waived.reason}",
    )
