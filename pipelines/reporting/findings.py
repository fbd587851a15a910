"""Which findings a run report shows, so that it stays small: counts are exact, examples as many as have room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import markupsafe

from pipelines.plan import Decision
from pipelines.reporting.words import Words
from quality.finding import Finding, Quality, Severity, one_of_each_first
from quality.rules.catalogue import RULES

#: Most examples that a dataset shows.
EXAMPLES_PER_DATASET = 40
#: Most bytes of markup around one example, its rule's fix and its "… and k more"; and of the headings of a table.
_MARKUP, _HEADINGS = 300, 300
_LONG, _MIDDLE, _SHORT = 300, 160, 80


@dataclass(frozen=True)
class BrokenRule:
    """A rule that a dataset breaks: how often, and the examples shown. `fix` is what all of them share, or ""."""

    code: str
    titles: Words
    severity: Severity
    count: int
    fix: str
    examples: tuple[Finding, ...]

    @property
    def more(self) -> int:
        """How many examples are not shown."""
        return self.count - len(self.examples)


@dataclass(frozen=True)
class RuleTotal:
    """A rule over the whole run: how often it is broken, and in how many datasets."""

    code: str
    titles: Words
    severity: Severity
    count: int
    datasets: int
    fix: str


def choose_examples(decisions: Sequence[Decision], room: int) -> Mapping[str, Sequence[Finding]]:
    """Examples by dataset that fit into `room` bytes of HTML: one for each dataset in turn, in the order given."""
    chosen: dict[str, list[Finding]] = defaultdict(list)
    ranked = {decision.dataset: one_of_each_first(decision.findings) for decision in decisions}
    for turn in range(EXAMPLES_PER_DATASET):
        for dataset, findings in ranked.items():
            if turn < len(findings):
                example = _shortened(findings[turn])
                room -= _size(example) if turn else _HEADINGS + _size(example)
                if room < 0:
                    return chosen
                chosen[dataset].append(example)
    return chosen


def broken_rules(quality: Quality, examples: Sequence[Finding]) -> list[BrokenRule]:
    """A dataset's broken rules with these examples: `must` first, then by how often."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for example in examples:
        by_rule[example.rule].append(example)
    rules = [
        _broken_rule(code, quality.severities[code], count, by_rule[code])
        for code, count in quality.counts.items()
        if count
    ]
    return sorted(rules, key=lambda rule: (rule.severity is not Severity.MUST, -rule.count, rule.code))


def rule_totals(decisions: Iterable[Decision]) -> list[RuleTotal]:
    """The rules that are broken anywhere: `must` first, then by how often."""
    totals: dict[tuple[Severity, str], RuleTotal] = {}
    for quality in (decision.quality for decision in decisions if decision.quality):
        for code, count in quality.counts.items():
            if count:
                key = (quality.severities[code], code)
                known = totals.get(key) or RuleTotal(code, _titles(code), key[0], 0, 0, _fix(code, quality))
                totals[key] = replace(known, count=known.count + count, datasets=known.datasets + 1)
    return sorted(totals.values(), key=lambda total: (total.severity is not Severity.MUST, -total.count, total.code))


def _titles(code: str) -> Words:
    return Words(RULES[code].title, RULES[code].title_en) if code in RULES else Words(code, "")


def _fix(code: str, quality: Quality) -> str:
    return next((cut(finding.fix, _LONG) for finding in quality.findings if finding.rule == code), "")


def cut(text: str, longest: int) -> str:
    """The text's beginning: a report shows a fault, it does not reproduce the data."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _shortened(finding: Finding) -> Finding:
    return replace(
        finding,
        message=cut(finding.message, _LONG),
        fix=cut(finding.fix, _LONG),
        file=cut(finding.file, _MIDDLE),
        sheet=cut(finding.sheet, _SHORT),
        column=cut(finding.column, _SHORT),
        value=None if finding.value is None else cut(finding.value, _SHORT),
    )


def _size(finding: Finding) -> int:
    """Bytes that an example takes in the page, at most."""
    texts = (finding.message, finding.fix, finding.value, finding.file, finding.sheet, finding.column)
    return _MARKUP + sum(len(markupsafe.escape(text or "").encode("utf-8", "replace")) for text in texts)


def _broken_rule(code: str, severity: Severity, count: int, examples: Sequence[Finding]) -> BrokenRule:
    fixes = {example.fix for example in examples}
    in_source_order = sorted(examples, key=lambda one: (one.file, one.sheet, one.row or 0, one.column))
    return BrokenRule(
        code, _titles(code), severity, count, fixes.pop() if len(fixes) == 1 else "", tuple(in_source_order)
    )
