"""A self-check as plain text: each dataset's word, each broken rule's exact count, places and fixes, and repairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from pipelines.plan import TROUBLE, Decision, worst_first
from pipelines.reporting.gate import counted_findings, quality_words
from pipelines.reporting.lines import Lines, place_and_message
from quality.finding import Quality, RepairLog, Validation, one_of_each_first

#: Examples that each rule shows; `--json` has all that the check kept.
_SHOWN = 3


def print_check(decisions: Sequence[Decision], out: TextIO) -> None:
    """A block per dataset, those to be mended first, then how many are valid."""
    lines = Lines(out)
    for decision in worst_first(decisions):
        word = "有问题 invalid" if decision.verdict in TROUBLE else "合格 valid"
        lines.say(f"{word}  {decision.dataset}  {decision.title} ({decision.owner})")
        if decision.quality is None:
            lines.say(decision.reason, 1)
        else:
            _print_quality(decision.quality, lines)
            _print_gate(decision, lines)
    valid = sum(decision.verdict not in TROUBLE for decision in decisions)
    lines.say(f"{valid} of {len(decisions)} valid")


def _print_gate(decision: Decision, lines: Lines) -> None:
    for said in quality_words(decision):
        lines.say(said.en, 1)
    held = decision.quality.held_back if decision.quality else None
    for finding in one_of_each_first(held.findings)[:_SHOWN] if held else ():
        lines.say(place_and_message(finding), 2)


def _print_quality(quality: Quality, lines: Lines) -> None:
    score = "not to be scored" if quality.score is None else f"score {quality.score}"
    gate = f"; gate: blocked by {', '.join(quality.blocked_by)}" if quality.blocked_by else ""
    lines.say(f"{quality.rows:,} rows, {score}, {counted_findings(quality)}{gate}", 1)
    if quality.validation is not None:
        _print_validation(quality.validation, lines)
    for rule, count in quality.counts.items():
        lines.say(f"{quality.severities[rule]} {rule}: {count:,}", 1)
        examples = [finding for finding in quality.findings if finding.rule == rule][:_SHOWN]
        for finding in examples:
            lines.say(place_and_message(finding), 2)
        if examples:
            lines.say(f"→ {examples[0].fix}", 2)
    for log in quality.repairs:
        _print_repairs(log, lines)


def _print_repairs(log: RepairLog, lines: Lines) -> None:
    lines.say(f"repaired {log.repair} {log.column}: {log.count:,}", 1)
    for cell in log.cells[:_SHOWN]:
        lines.say(f"row {cell.row}: {cell.before!r} → {cell.after!r}", 2)


def _print_validation(validation: Validation, lines: Lines) -> None:
    said = validation.summary()
    lines.say(f"suite {said['suite']}: {said['met']} of {said['evaluated']} expectations met", 1)
    for kind in said["told_only"]:
        lines.say(f"told only, not met: {kind}", 2)
    for name in said["answered_by_great_expectations"]:
        lines.say(f"answered by Great Expectations itself: {name}", 2)
