"""What becomes of what was asked: every fault has one outcome, and answers go to the line that they are about."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
from hypothesis import given

from pipelines.reporting.section_workbooks.follow_up import Outcome, follow_up
from pipelines.reporting.section_workbooks.worklist import Answer, AnsweredLine, Fault, Line, key_of
from quality.rules.catalogue import RULES

FAULTS = {name: Fault(RULES[name], ("列",)) for name in ("type", "enum")}
#: (how it looks, its row, its faults)
Row = tuple[str, int, tuple[str, ...]]


def asked(rows: Sequence[Row], answers: Sequence[Answer | None]) -> list[AnsweredLine]:
    seen: dict[str, int] = {}
    lines = []
    for (looks, number, faults), answer in zip(rows, answers, strict=False):
        ordinal = seen.setdefault(looks, 0)
        seen[looks] += 1
        marks = tuple(FAULTS[name].mark for name in faults)
        note = f"row {number}" if answer else ""
        lines.append(AnsweredLine("d", key_of("r", [looks], ordinal), marks, number, answer, note, ""))
    return lines


def found(rows: Sequence[Row]) -> list[Line]:
    seen: dict[str, int] = {}
    lines = []
    for looks, number, faults in rows:
        ordinal = seen.setdefault(looks, 0)
        seen[looks] += 1
        lines.append(Line("d", key_of("r", [looks], ordinal), tuple(FAULTS[name] for name in faults), number))
    return lines


some_faults = st.sets(st.sampled_from(sorted(FAULTS)), min_size=1).map(lambda names: tuple(sorted(names)))
tables = st.dictionaries(st.integers(2, 12), st.tuples(st.sampled_from("abc"), some_faults)).map(
    lambda rows: [(looks, number, faults) for number, (looks, faults) in sorted(rows.items())]
)
answers = st.lists(st.one_of(st.none(), st.sampled_from(Answer)), min_size=11, max_size=11)


@given(tables, tables, answers)
def test_every_fault_has_one_outcome(before: list[Row], now: list[Row], said: list[Answer | None]) -> None:
    result = follow_up(asked(before, said), iter(found(now)))
    listed = sum(len(faults) for _, _, faults in before)
    there = sum(len(faults) for _, _, faults in now)
    gone = result.counts.get(Outcome.CLOSED, 0) + result.counts.get(Outcome.GONE, 0)
    opened = result.counts.get(Outcome.OPENED, 0)
    assert sum(result.counts.values()) - opened == listed
    assert listed - gone == there - opened  # what is still there of what was asked
    assert set(result.carried) <= {number for _, number, _ in now}


@given(tables, answers)
def test_what_did_not_change_keeps_each_answer_in_its_row(before: list[Row], said: list[Answer | None]) -> None:
    lines = asked(before, said)
    result = follow_up(lines, iter(found(before)))
    assert not {Outcome.CLOSED, Outcome.GONE, Outcome.OPENED} & set(result.counts)
    for line in lines:
        told = result.carried.get(line.number or 0)
        if line.answer is None:
            assert told is None
        elif line.answer is Answer.CORRECTED:
            assert told is not None and told.answer is None and line.note in told.before
        else:
            assert told is not None and (told.answer, told.note) == (line.answer, line.note)


@given(tables, st.integers(1, 5), answers)
def test_rows_that_moved_together_lose_nothing(before: list[Row], by: int, said: list[Answer | None]) -> None:
    moved = [(looks, number + 100 * by, faults) for looks, number, faults in before]
    once = [(looks, number, ("type",)) for looks, number, _ in before]
    result = follow_up(asked(once, said), iter(found([(a, b, ("type",)) for a, b, _ in moved])))
    assert not {Outcome.CLOSED, Outcome.GONE, Outcome.OPENED} & set(result.counts)


@given(tables, answers)
def test_what_is_not_shown_is_not_called_mended(before: list[Row], said: list[Answer | None]) -> None:
    result = follow_up(asked(before, said), iter(()), complete=False)
    assert not {Outcome.CLOSED, Outcome.GONE} & set(result.counts)
