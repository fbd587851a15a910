"""The plan and the outcome as plain text: worst first, one fact a line, read aloud as well as on 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TextIO

from pipelines.handover import Changes
from pipelines.plan import TROUBLE, Decision, Verdict, worst_first
from pipelines.reporting.gate import counted_findings, quality_words
from pipelines.reporting.lines import Lines, place_and_message
from pipelines.reporting.words import WORDS, headline
from quality.finding import Quality, one_of_each_first

#: Findings that a dataset shows; the report has more, and the counts are exact in both.
_SHOWN_FINDINGS = 3
#: Datasets without work that are listed by name.
_SHOWN_UNCHANGED = 10
#: Datasets in trouble that the closing lines name.
_SHOWN_TROUBLE = 10


def print_plan(decisions: Sequence[Decision], out: TextIO) -> None:
    """Print what would be done, or was, grouped by verdict, worst first.

    On a terminal, lines end at its width; elsewhere each fact is one line, whole for whatever reads the pipe.
    """
    lines = Lines(out)
    for verdict, group in groupby(worst_first(decisions), key=lambda decision: decision.verdict):
        _print_group(verdict, list(group), lines)


def print_outcome(decisions: Sequence[Decision], report: Path | None, out: TextIO, unfit: Sequence[str] = ()) -> None:
    """Print the closing lines: what happened, what is in trouble and what to do first, where the report is.

    `unfit` has a message for each target that could not be published to.
    """
    lines = Lines(out)
    lines.say(headline(decisions, unfit).en)
    for message in unfit:
        lines.say(message, 1)
    trouble = [decision for decision in worst_first(decisions) if decision.verdict in TROUBLE]
    for decision in trouble[:_SHOWN_TROUBLE]:
        lines.say(f"{decision.dataset} {WORDS[decision.verdict].en}: {decision.reason}", 1)
        for finding in [one for one in one_of_each_first(decision.findings) if one.blocks][:1]:
            lines.say(f"first: {place_and_message(finding)}", 2)
            lines.say(f"fix: {finding.fix}", 2)
    if len(trouble) > _SHOWN_TROUBLE:
        lines.say(f"… and {len(trouble) - _SHOWN_TROUBLE} more", 1)
    if report is not None:
        lines.say(f"Report: {report}")


def _print_group(verdict: Verdict, group: Sequence[Decision], lines: Lines) -> None:
    words = WORDS[verdict]
    lines.say(f"{words.zh} {words.en.capitalize()}: {_counted(len(group), 'dataset')}")
    if verdict is Verdict.UNCHANGED:
        _print_names(group, lines)
    else:
        for decision in group:
            _print_decision(decision, lines)
    lines.gap()


def _print_names(group: Sequence[Decision], lines: Lines) -> None:
    for decision in group[:_SHOWN_UNCHANGED]:
        lines.say(f"{decision.dataset}  {decision.title}: {decision.reason}", 1)
    if len(group) > _SHOWN_UNCHANGED:
        lines.say(f"… and {len(group) - _SHOWN_UNCHANGED} more", 1)


def _print_decision(decision: Decision, lines: Lines) -> None:
    lines.say(f"{decision.dataset}  {decision.title}", 1)
    for fact in _facts(decision):
        lines.say(fact, 2)
    if decision.quality is not None:
        _print_findings(decision.quality, lines)


def _facts(decision: Decision) -> Iterator[str]:
    yield f"reason: {decision.reason}"
    yield f"owner: {decision.owner}"
    if decision.release is not None:
        yield f"release → {decision.release}"
    if decision.rows is not None:
        yield f"rows: {decision.rows:,}{_differences(decision.changes)}"
    for change in decision.schema_changes:
        yield f"schema: {change}"
    for said in quality_words(decision):
        yield said.en


def _differences(changes: Changes) -> str:
    if not changes.any:
        return ""
    return f", of them {changes.added:,} added, {changes.changed:,} changed; {changes.removed:,} removed"


def _print_findings(quality: Quality, lines: Lines) -> None:
    total = sum(quality.counts.values())
    if not total:
        return
    lines.say(f"findings: {counted_findings(quality)}", 2)
    shown = one_of_each_first(quality.findings)[:_SHOWN_FINDINGS]
    for finding in shown:
        lines.say(place_and_message(finding), 3)
        lines.say(f"fix: {finding.fix}", 4)
    if total > len(shown):
        lines.say(f"… and {total - len(shown):,} more", 3)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
