"""The run report: one self-contained page on which a data officer decides, worst first."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from pipelines.home import disk_failure, to_disk
from pipelines.plan import TROUBLE, WORK, Decision, Verdict, worst_first
from pipelines.reporting.findings import broken_rules, choose_examples, rule_totals
from pipelines.reporting.gate import gate_words
from pipelines.reporting.template import page_environment
from pipelines.reporting.words import metadata_words, tally, verdict_of_run
from quality.finding import Finding
from resource_catalog.agency import Agency

#: Bytes that the page of 1,000 datasets keeps below, by showing fewer examples.
LARGEST_PAGE = 2_000_000
#: Faults of one target that are shown.
_FAULTS = 10
#: Facts of a target that are shown in a way of their own.
_APART = ("address", "proof", "metadata")


@dataclass(frozen=True)
class _Target:
    """What a decision says of one target, ready for the page; `proof` and `metadata` are None where there are none."""

    name: str
    address: str
    facts: tuple[tuple[str, str], ...]
    proof: Mapping[str, Any] | None
    faults: tuple[str, ...]
    more_faults: int
    metadata: Mapping[str, Any] | None


def render_report(
    *,
    agency: Agency,
    run: str,
    at: datetime,
    command: str,
    decisions: Sequence[Decision],
    unfit: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """The report of a plan or a run as HTML; equal arguments give equal pages.

    Args:
        agency: Who publishes.
        run: The run's name.
        at: When it ran, with its time zone.
        command: What was asked for.
        decisions: One per dataset; targets' facts are shown as they are given.
        unfit: A message for each target that could not be published to.
        notes: What else the run has to say beside its datasets.
    """
    ranked = worst_first(decisions)
    shown = functools.partial(
        _environment().get_template("report.html.j2").render,
        agency=agency,
        run=run,
        at=at,
        command=command,
        messages=(*unfit, *notes),
        verdict_of_run=verdict_of_run(decisions, unfit),
        tally=tally(decisions),
        groups=[(verdict, list(group)) for verdict, group in groupby(ranked, key=lambda one: one.verdict)],
        to_act=_datasets_in_trouble(ranked),
        rule_totals=rule_totals(ranked),
    )
    room = LARGEST_PAGE - len(shown(broken=_broken(ranked, {})).encode())
    return shown(broken=_broken(ranked, choose_examples(ranked, room)))


def write_report(folder: Path, run: str, html: str) -> Path:
    """Write `<folder>/<run>.html`, whole or not at all.

    Raises:
        OutsideError: the folder can't be written.
    """
    file = folder / f"{run}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / ".new.html"  # of a run that was killed, and so written over by the next
        aside.write_text(html, encoding="utf-8")
        to_disk(aside)
        aside.replace(file)
        to_disk(folder)
    except OSError as error:
        raise disk_failure("the run's report can't be written", file, error) from error
    return file


def _datasets_in_trouble(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    """The datasets in trouble, by the section that answers for them."""
    owners: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.verdict in TROUBLE:
            owners.setdefault(decision.owner, []).append(decision)
    return owners


def _broken(decisions: Sequence[Decision], examples: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    return {
        decision.dataset: broken_rules(decision.quality, examples.get(decision.dataset, ()))
        for decision in decisions
        if decision.quality
    }


def _targets(decision: Decision) -> list[_Target]:
    return [_target(name, facts) for name, facts in decision.targets.items()]


def _target(name: str, facts: Mapping[str, Any]) -> _Target:
    proof = facts.get("proof")
    faults = tuple(proof["faults"]) if proof else ()
    said = tuple((key, _said(value)) for key, value in facts.items() if key not in _APART and value not in (None, []))
    more = max(0, len(faults) - _FAULTS)
    return _Target(name, facts.get("address") or "", said, proof, faults[:_FAULTS], more, facts.get("metadata"))


def _said(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _tone(verdict: Verdict) -> str:
    """Which of the page's four colours a verdict has."""
    if verdict in TROUBLE:
        return "trouble"
    if verdict in WORK:
        return "work"
    return "quiet" if verdict in (Verdict.HELD, Verdict.UNCHANGED) else "done"


def _without_user(address: str) -> str:
    """An address without the user and password that it may carry."""
    return re.sub(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", r"\1", address, flags=re.IGNORECASE)


@functools.cache
def _environment() -> jinja2.Environment:
    return page_environment(
        tone=_tone, targets=_targets, gate=gate_words, points=metadata_words, without_user=_without_user
    )
