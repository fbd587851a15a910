"""What became of the lines that a section was asked about: closed, still there as explained, or open again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipelines.reporting.section_workbooks.worklist import Answer, AnsweredLine, Carried, Line


class Outcome(StrEnum):
    """What became of a fault that a workbook listed, or that it did not list."""

    CLOSED = "closed"  # answered, and no longer found
    GONE = "gone"  # not answered, and no longer found
    REOPENED = "reopened"  # said to be corrected, and still found
    EXPLAINED = "explained"  # said to be right as it is, and still found: to be waived, or not
    STANDING = "standing"  # another answer, and still found
    UNANSWERED = "unanswered"  # not answered, and still found
    OPENED = "opened"  # found now, and not in the workbook


_STILL_FOUND: Mapping[Answer | None, Outcome] = {
    Answer.CORRECTED: Outcome.REOPENED,
    Answer.RIGHT: Outcome.EXPLAINED,
    Answer.IMPOSSIBLE: Outcome.STANDING,
    Answer.OTHER: Outcome.STANDING,
    None: Outcome.UNANSWERED,
}


@dataclass(frozen=True)
class FollowUp:
    """What became of a dataset's faults, counted; `carried` has by a line's place what the new workbook says of it."""

    counts: Mapping[Outcome, int] = field(default_factory=dict)
    carried: Mapping[int | str, Carried] = field(default_factory=dict)


def carried(line: AnsweredLine, looks: str) -> Carried | None:
    """What a new workbook says of an earlier answer, where the fault is still there; None where there was none."""
    if line.answer is None and not line.note:
        return None
    said = f"{line.answer or '未选处理结果'}{f'（{line.note}）' if line.note else ''}"
    if line.answer is Answer.CORRECTED:
        return Carried(None, "", f"上次填报：{said}；复查仍有此问题，请再核实", looks)
    proposal = "；是否豁免由信息主管部门决定" if line.answer is Answer.RIGHT else ""
    return Carried(line.answer, line.note, f"上次填报：{said}{proposal}", looks)


class _Asked:
    """The lines that came back, while those of the re-check are held against them.

    A line is known by its key; among lines that look equal by its row, and else by their order. One whose other cells
    were changed is known by its row alone, if it has a fault that was asked about there.
    """

    def __init__(self, asked: Sequence[AnsweredLine]) -> None:
        self.left = {line.key: set(line.marks) for line in asked}
        self.open = {line.key: line for line in asked}  # that no line of the re-check is yet
        self.equal: dict[str, dict[int | str, AnsweredLine]] = {}
        for line in asked:
            self.equal.setdefault(line.looks, {})[line.key if line.number is None else line.number] = line
        self.asked = list(asked)
        self.numbers = {line.number for line in asked if line.number is not None}
        self.moved: dict[str, list[Line]] = {}  # that look like a line in another row
        self.changed: list[Line] = []  # in the row of a line that looked otherwise
        self.carried: dict[int | str, Carried] = {}
        self.counts: Counter[Outcome] = Counter()

    def meet(self, now: Line) -> None:
        equal = self.equal.get(now.looks, {})
        there = equal.get(now.place)
        moved = self.moved.setdefault(now.looks, []) if equal else []
        if there is not None and there.key in self.open:
            self._settle(there, now)
        elif len(moved) < len(equal):
            moved.append(now)
        else:
            self._meet_otherwise(now)

    def _meet_otherwise(self, now: Line) -> None:
        if now.number in self.numbers:
            self.changed.append(now)
        else:
            self.counts[Outcome.OPENED] += len(now.faults)

    def meet_moved(self) -> None:
        """Give the lines that moved to those that look like them, in their order."""
        for looks, lines in self.moved.items():
            waiting = [line for line in self.equal[looks].values() if line.key in self.open]
            for line, now in zip(waiting, lines, strict=False):
                self._settle(line, now)
            for now in lines[len(waiting) :]:
                self._meet_otherwise(now)

    def meet_changed(self) -> None:
        """Give the lines that look otherwise to those that stood in their row, where a fault is the same."""
        at_row = {line.number: line for line in self.open.values()}
        for now in self.changed:
            line = at_row.get(now.number)
            if line is None or not self.left[line.key] & {fault.mark for fault in now.faults}:
                self.counts[Outcome.OPENED] += len(now.faults)
            else:
                self._settle(line, now)

    def _settle(self, line: AnsweredLine, now: Line) -> None:
        del self.open[line.key]
        marks = {fault.mark for fault in now.faults}
        still = self.left[line.key] & marks
        self.left[line.key] -= still
        self.counts[_STILL_FOUND[line.answer]] += len(still)
        self.counts[Outcome.OPENED] += len(marks - still)
        said = carried(line, now.looks) if still else None
        if said:
            self.carried[now.place] = said

    def close(self, unsure: bool) -> None:
        """What is left of the lines is no longer found; with `unsure` it may only be beyond what is shown."""
        for line in self.asked:
            gone = Outcome.CLOSED if line.answer else Outcome.GONE
            self.counts[_STILL_FOUND[line.answer] if unsure else gone] += len(self.left[line.key])


def follow_up(asked: Iterable[AnsweredLine], now: Iterator[Line], *, complete: bool = True) -> FollowUp:
    """Hold a dataset's lines that came back against those of the re-check.

    Args:
        asked: The lines of the returned workbook.
        now: All lines of the re-check, of which none is kept.
        complete: Whether `now` has all that is found; else a line that is not in it stays as it was.
    """
    known = _Asked(list(asked))
    for line in now:
        known.meet(line)
    known.meet_moved()
    known.meet_changed()
    known.close(not complete)
    return FollowUp({outcome: known.counts[outcome] for outcome in Outcome if known.counts[outcome]}, known.carried)
