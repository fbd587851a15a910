"""Scores as plain text: of what each is made down to the rule, what to mend first, and the sections side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from pipelines.plan import Decision, worst_first
from pipelines.reporting.lines import Lines
from pipelines.reporting.terminal import cells
from pipelines.scores import GroupScore, ReleaseScore, Scores, Timeliness
from quality.assessment import Assessment, Indicator, Kind, RuleLoss
from quality.finding import Quality
from quality.rules.catalogue import RULES
from quality.score_profiles import PROFILES

#: How many rules are named as those to mend first.
_SHOWN_RULES = 5
#: How many releases are named, the last ones.
_SHOWN_RELEASES = 8
_X = {Kind.SHARE: "A/B", Kind.RATE: "A/B, less is better", Kind.COMPLEMENT: "1 − A/B", Kind.MEAN: "mean"}


def print_scores(decisions: Sequence[Decision], scores: Scores, out: TextIO, *, explain: bool) -> None:
    """The sections' table; before it, where that is wanted, what each dataset's score is made of."""
    lines = Lines(out)
    if explain:
        for decision in worst_first(decisions):
            lines.gap()
            _print_explanation(decision, scores, lines)
    if scores.agency is not None:
        lines.gap()
        for line in _table([*scores.sections, scores.agency]):
            lines.say(line)
        _print_not_scored(scores.agency, lines)


def _print_explanation(decision: Decision, scores: Scores, lines: Lines) -> None:
    lines.say(f"{decision.dataset}  {decision.title}")
    quality = decision.quality
    if quality is None or not quality.assessments:
        lines.say(f"not scored, for its table could not be judged: {decision.reason}", 1)
    else:
        own = quality.assessments[0]
        lines.say(f"{_said(own.score)} by {own.profile}; {_gate(quality)}", 1)
        for fact, level in _facts(own):
            lines.say(fact, level)
        for fact, level in _first_to_mend(own, quality):
            lines.say(fact, level)
    standing = scores.standings.get(decision.dataset)
    if standing is not None:
        lines.say(_timely(standing.timeliness), 1)
        if standing.history:
            lines.say(f"releases: {', '.join(map(_release, standing.history[-_SHOWN_RELEASES:]))}", 1)


def _gate(quality: Quality) -> str:
    if not quality.blocked_by:
        return "gate: open"
    return f"gate: blocked by {', '.join(quality.blocked_by)}, whatever the score"


def _facts(own: Assessment) -> Iterator[tuple[str, int]]:
    """Each dimension, its indicators, and their rules, with the level that they stand at."""
    for dimension in PROFILES[own.profile].dimensions:
        score = own.dimensions[dimension.name]
        weight = f"weight {dimension.weight:.2f}"
        said = f"{score:.2f}, {weight}" if score is not None else f"not evaluated, its {weight} goes to the others"
        yield f"{dimension.name} {dimension.name_en}: {said}", 1
        for one in own.indicators:
            if one.dimension == dimension.name:
                yield from _indicator(one, own)


def _indicator(one: Indicator, own: Assessment) -> Iterator[tuple[str, int]]:
    name = f"{one.code} {one.name}"
    if one.value is None:
        yield f"{name}: null, {one.reason} {one.reason_en}", 2
        return
    lost = own.lost.get(one.code)
    costs = f", costs {lost:.2f}" if lost else ""
    yield f"{name}: {_share(one)}{costs}", 2
    for rule, tally in sorted(one.counted.rules.items() if one.counted else ()):
        yield f"{rule}: {one.numerator(tally):,}/{tally.judged:,}", 3


def _share(one: Indicator) -> str:
    if one.counted is None:
        return f"{one.value:.4f}, mean of {', '.join(one.parts)}"
    return f"{one.a:,}/{one.b:,} = {one.value:.4f} ({_X[one.kind]})"


def _first_to_mend(own: Assessment, quality: Quality) -> Iterator[tuple[str, int]]:
    """The rules that cost most points, over all indicators that they count for, with their columns and their fix."""
    together: dict[str, list[RuleLoss]] = {}
    for loss in own.losses():
        together.setdefault(loss.rule, []).append(loss)
    dearest = sorted(together.items(), key=lambda item: (-sum(loss.points for loss in item[1]), item[0]))
    if dearest:
        yield "mend first:", 1
    for rule, losses in dearest[:_SHOWN_RULES]:
        columns = dict.fromkeys(found.column for found in quality.findings if found.rule == rule and found.column)
        where = f" in {', '.join(columns)}" if columns else ""
        failed = quality.counts.get(rule, losses[0].tally.failed)
        yield f"{rule}{where}: {failed:,} to mend, about {sum(loss.points for loss in losses):.2f} points", 2
        yield f"→ {_fix(rule, quality)}", 3


def _fix(rule: str, quality: Quality) -> str:
    told = next((found.fix for found in quality.findings if found.rule == rule), "")
    return told or (RULES[rule].fix if rule in RULES else "see its findings")


def _timely(timeliness: Timeliness) -> str:
    as_of = f"0502 基于时间点的及时性 as of {timeliness.as_of} (not in the score)"
    if timeliness.on_time is None:
        return f"{as_of}: null, {timeliness.reason} {timeliness.reason_en}"
    word = "on time" if timeliness.on_time else "LATE"
    return f"{as_of}: {word}, {timeliness.age_days} days old, promised every {timeliness.promised_days}"


def _release(one: ReleaseScore) -> str:
    day = f" of {one.at.date()}" if one.at else ""
    return f"{one.release}{day}: {one.problem or _said(one.score)}"


def _said(score: float | None) -> str:
    return "no score" if score is None else f"score {score:g}"


def _table(groups: Sequence[GroupScore]) -> Iterator[str]:
    """A line a section and one for the agency, in columns."""
    names = list(groups[0].own.dimensions)
    rows = [["处室 section", "数据集 datasets", "合格 valid", "及时 on time", "得分 score", *names]]
    for group in groups:
        scores = [group.own.score, *group.own.dimensions.values()]
        timely = f"{group.timely.judged - group.timely.failed}/{group.timely.judged}" if group.timely.judged else "–"
        facts = [group.owner or "合计 agency", str(group.datasets), str(group.valid), timely]
        rows.append([*facts, *("–" if score is None else f"{score:.2f}" for score in scores)])
    widths = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *others = (
            _padded(text, width, left=not at) for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((first, *others)).rstrip()


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - cells(text))
    return text + space if left else space + text


def _print_not_scored(agency: GroupScore, lines: Lines) -> None:
    lines.say(f"by {agency.own.profile}; A and B of a section are the sums of its datasets'")
    if agency.not_scored:
        lines.say(f"not in any score, for they could not be judged: {', '.join(agency.not_scored)}")
