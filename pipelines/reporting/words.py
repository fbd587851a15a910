"""What verdicts are called where people read them, and the one sentence that sums a run up, in Chinese and English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.plan import TROUBLE, WORK, Decision, Verdict
from quality.metadata_quality import Rating


@dataclass(frozen=True)
class Words:
    """The same said in Chinese and in English."""

    zh: str
    en: str


WORDS: Mapping[Verdict, Words] = {
    Verdict.FAILED: Words("失败", "failed"),
    Verdict.BLOCKED: Words("受阻", "blocked"),
    Verdict.WITHDRAW: Words("将撤回", "to be withdrawn"),
    Verdict.WITHDRAWN: Words("已撤回", "withdrawn"),
    Verdict.NEW: Words("将首次发布", "to be published for the first time"),
    Verdict.UPDATE: Words("将更新", "to be updated"),
    Verdict.PUBLISHED: Words("已发布", "published"),
    Verdict.HELD: Words("暂不发布", "held back"),
    Verdict.UNCHANGED: Words("无变化", "unchanged"),
}

RATINGS: Mapping[str, Words] = {
    Rating.EXCELLENT: Words("优", "excellent"),
    Rating.GOOD: Words("良", "good"),
    Rating.SUFFICIENT: Words("合格", "sufficient"),
    Rating.BAD: Words("差", "bad"),
}


def metadata_words(document: Mapping[str, Any]) -> Words:
    """The points of metadata, of how many, and the class; two classes where it hangs on what was not evaluated."""
    least, best = RATINGS[document["rating"]], RATINGS[document["best_rating"]]
    points = f"{document['points']:g}/{document['evaluated']}"
    if least is best:
        return Words(f"{points} {least.zh}", f"{points} {least.en}")
    return Words(f"{points} {least.zh}至{best.zh}", f"{points} {least.en} to {best.en}")


_QUIET = frozenset({Verdict.HELD, Verdict.UNCHANGED})


def tally(decisions: Sequence[Decision]) -> dict[Verdict, int]:
    """How many datasets have each verdict, worst first, without those that none has."""
    counted = Counter(decision.verdict for decision in decisions)
    return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}


def headline(decisions: Sequence[Decision], unfit: Sequence[str] = ()) -> Words:
    """The run in one sentence: whether something needs attention, and how many datasets have each verdict."""
    opening, counts = verdict_of_run(decisions, unfit), tally(decisions)
    if not counts:
        return Words(f"{opening.zh}。", f"{opening.en}.")
    zh = "，".join(f"{WORDS[verdict].zh} {number:,} 个" for verdict, number in counts.items())
    en = ", ".join(f"{number:,} {WORDS[verdict].en}" for verdict, number in counts.items())
    return Words(f"{opening.zh}：{zh}。", f"{opening.en}: {en}.")


def verdict_of_run(decisions: Sequence[Decision], unfit: Sequence[str] = ()) -> Words:
    """Whether something of the run needs attention, as a sentence without its full stop.

    `unfit` has a message for each target that could not be published to.
    """
    verdicts = {decision.verdict for decision in decisions}
    if unfit and not verdicts & TROUBLE:
        targets = "One target" if len(unfit) == 1 else f"{len(unfit)} targets"
        return Words(f"有 {len(unfit)} 个发布目标不可用", f"{targets} could not be published to")
    if not verdicts:
        return Words("没有选中任何数据集", "No dataset was selected")
    if verdicts & TROUBLE:
        return _trouble(sum(decision.verdict in TROUBLE for decision in decisions), len(decisions))
    if verdicts & WORK:
        return Words("没有阻碍，可以发布", "Nothing stands in the way")
    if verdicts <= _QUIET:
        return Words("没有需要发布的内容", "Nothing is to be published")
    return Words("全部完成，没有需要处理的问题", "All is done and nothing needs attention")


def _trouble(trouble: int, total: int) -> Words:
    others = total - trouble
    need = "needs" if trouble == 1 else "need"
    zh = f"{total:,} 个数据集中有 {trouble:,} 个需要处理"
    en = f"{trouble:,} of {total:,} {'dataset' if total == 1 else 'datasets'} {need} attention"
    if others:
        return Words(f"{zh}，其余 {others:,} 个不受影响", f"{en}, and the other {others:,} {_are(others)} not affected")
    return Words(zh, en)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
