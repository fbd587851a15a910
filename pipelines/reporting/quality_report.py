"""The quality report: one self-contained page of a self-check, worst first, small at any number of findings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

import jinja2

from pipelines.plan import TROUBLE, Decision, Verdict
from pipelines.reporting import score_charts
from pipelines.reporting.findings import BrokenRule, broken_rules, choose_examples, rule_totals
from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.template import page_environment
from pipelines.reporting.words import Words
from quality.finding import Finding
from quality.rules.catalogue import RULES
from resource_catalog.agency import Agency

Item = TypeVar("Item")

#: Bytes that the page keeps below, by showing fewer examples, however many findings and datasets there are.
LARGEST_PAGE = 2_000_000
#: Most datasets with findings that have a part of their own: the first of these numbers whose page leaves room for
#: examples; the rest stand in a line each.
DETAILED = (1_000, 500, 250, 125, 60, 30)
#: Most lines of a list of datasets, most sections, most rules, and most rules of one dataset.
MOST_LISTED, MOST_SECTIONS, MOST_RULES, MOST_RULES_OF_ONE = 1_000, 200, 200, 15
#: How much of the page may be taken before the first example.
_BEFORE_EXAMPLES = 0.75


@dataclass(frozen=True)
class _Sums:
    """The whole check in numbers."""

    datasets: int
    valid: int
    failed: int
    rows: int
    must: int
    should: int
    score: float | None

    @property
    def verdict(self) -> Words:
        """The check in one sentence without its full stop."""
        bad = self.datasets - self.valid
        if not self.datasets:
            return Words("没有可以检查的数据集", "No dataset was checked")
        if not bad:
            return Words(f"{self.datasets:,} 个数据集全部合格", f"All datasets are valid: {self.datasets:,}")
        return Words(
            f"{self.datasets:,} 个数据集中有 {bad:,} 个需要整改", f"{bad:,} of {self.datasets:,} datasets need mending"
        )


def _sums(inspected: Sequence[InspectedDataset], profile: str) -> _Sums:
    return _Sums(
        datasets=len(inspected),
        valid=sum(one.decision.verdict not in TROUBLE for one in inspected),
        failed=sum(one.decision.verdict is Verdict.FAILED for one in inspected),
        rows=sum(one.quality.rows for one in inspected),
        must=sum(one.quality.must for one in inspected),
        should=sum(one.quality.should for one in inspected),
        score=score_charts.together(inspected, profile).score,
    )


def _worst_first(inspected: Sequence[InspectedDataset]) -> list[InspectedDataset]:
    """Those that could not be checked first, then by what must be mended, what should be, and the score."""
    order = list(Verdict)

    def rank(one: InspectedDataset) -> tuple[int, int, int, float, str]:
        quality = one.quality
        score = 101.0 if quality.score is None else quality.score
        return order.index(one.decision.verdict), -quality.must, -quality.should, score, one.dataset

    return sorted(inspected, key=rank)


def render_quality_report(*, agency: Agency, at: datetime, command: str, inspected: Sequence[InspectedDataset]) -> str:
    """The report of a check as HTML; equal arguments give equal pages.

    Args:
        agency: Whose data it is.
        at: When the check ran, with its time zone.
        command: What was asked for.
        inspected: The datasets that were checked.
    """
    ranked, profile = _worst_first(inspected), agency.thresholds.profile
    troubled = [one for one in ranked if one.quality.counts or one.decision.verdict in TROUBLE]
    others = [one for one in ranked if not (one.quality.counts or one.decision.verdict in TROUBLE)]
    page = functools.partial(
        _environment().get_template("quality_report.html.j2").render,
        agency=agency,
        at=at,
        command=command,
        sums=_sums(inspected, profile),
        dimensions=score_charts.dimension_scores(inspected, profile),
        trend=score_charts.agency_trend(inspected, at.date()),
        rules=_Part.of(rule_totals(one.decision for one in ranked), MOST_RULES),
        sections=_Part.of(score_charts.section_totals(inspected, profile), MOST_SECTIONS),
        others=_Part.of(others, MOST_LISTED),
        troubled=len(troubled),
    )
    return _with_examples(page, troubled)


@dataclass(frozen=True)
class _Part(Generic[Item]):
    """The first of many, and how many more there are."""

    shown: tuple[Item, ...]
    more: int

    @classmethod
    def of(cls, items: Sequence[Item], most: int) -> _Part[Item]:
        return cls(tuple(items[:most]), max(0, len(items) - most))


def _with_examples(page: Callable[..., str], troubled: Sequence[InspectedDataset]) -> str:
    """The page with as many datasets in detail, and as many examples of them, as have room."""
    for most in DETAILED:
        detailed, listed = troubled[:most], _Part.of(troubled[most:], MOST_LISTED)
        without = page(detailed=detailed, listed=listed, broken=_broken(detailed, {}))
        room = LARGEST_PAGE - len(without.encode())
        if room > LARGEST_PAGE * (1 - _BEFORE_EXAMPLES):
            break
    examples = choose_examples([_of_listed_rules(one) for one in detailed], room)
    return page(detailed=detailed, listed=listed, broken=_broken(detailed, examples))


def _of_listed_rules(one: InspectedDataset) -> Decision:
    """The decision with the findings of the rules that are listed; of the others there is no room for an example."""
    listed = {rule.code for rule in broken_rules(one.quality, ())[:MOST_RULES_OF_ONE]}
    findings = tuple(finding for finding in one.quality.findings if finding.rule in listed)
    return replace(one.decision, quality=replace(one.quality, findings=findings))


def _broken(
    inspected: Sequence[InspectedDataset], examples: Mapping[str, Sequence[Finding]]
) -> dict[str, _Part[BrokenRule]]:
    return {
        one.dataset: _Part.of(broken_rules(one.quality, examples.get(one.dataset, ())), MOST_RULES_OF_ONE)
        for one in inspected
    }


def _fix_zh(code: str) -> str:
    return RULES[code].fix_zh if code in RULES else ""


@functools.cache
def _environment() -> jinja2.Environment:
    return page_environment(
        trend=score_charts.dataset_trend, fix_zh=_fix_zh, invalid=lambda one: one.decision.verdict in TROUBLE
    )
