"""What became of each section's workbook, as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from pipelines.reporting.lines import Lines
from pipelines.reporting.section_workbooks.follow_up import Outcome
from pipelines.reporting.section_workbooks.section_files import SectionResult

_OUTCOMES = {
    Outcome.CLOSED: "已销号 closed",
    Outcome.GONE: "未填报已消除 gone without an answer",
    Outcome.REOPENED: "重新打开 said to be corrected and still found",
    Outcome.EXPLAINED: "已说明待豁免 explained, to be waived or not",
    Outcome.STANDING: "另有答复 answered otherwise",
    Outcome.UNANSWERED: "未答复 not answered",
    Outcome.OPENED: "新发现 new",
}


def print_sections(results: Sequence[SectionResult], out: TextIO) -> None:
    """A block per section: its workbook, where the one that came back is kept, and what became of its findings."""
    lines = Lines(out)
    for one in results:
        lines.say(f"{one.section}: {one.workbook or '没有待改问题 nothing to mend'}")
        if one.waiting:
            datasets = ", ".join(one.waiting)
            lines.say(f"left as it came back, for {datasets} could not be read → mend that, then check again", 1)
        for outcome, words in _OUTCOMES.items():
            if one.counts.get(outcome):
                lines.say(f"{words}: {one.counts[outcome]:,}", 1)
        if one.kept:
            lines.say(f"came back, kept as {one.kept}", 1)
