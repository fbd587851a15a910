"""Scores as text: the sections' columns stand under each other, nulls are dashes, and what is in no score is named."""

from __future__ import annotations

import io

from pipelines.plan import Decision, Verdict
from pipelines.reporting.score_lines import print_scores
from pipelines.reporting.terminal import cells
from pipelines.scores import scores_of
from quality.assessment import Counted, Tally
from quality.finding import Quality, Severity
from quality.score import assess_by_all
from quality.score_profiles import NATIONAL


def decision(dataset: str, owner: str, **numbers: tuple[int, int]) -> Decision:
    counted = {
        name.removeprefix("n"): Counted(Tally(*both), {"required": Tally(*both)}) for name, both in numbers.items()
    }
    own = assess_by_all(counted, NATIONAL.name)
    failed = sum(both[1] for both in numbers.values())
    quality = Quality(
        10,
        counts={"required": failed} if failed else {},
        severities={"required": Severity.MUST},
        score=own[0].score,
        dimensions=own[0].dimensions,
        assessments=own,
        counted=counted,
    )
    return Decision(dataset, dataset, owner, Verdict.BLOCKED if failed else Verdict.UNCHANGED, "", quality=quality)


UNREAD = Decision("lost", "lost", "办公室", Verdict.FAILED, "there is no such file")
CHECKED = [decision("small", "信息中心", n0201=(10, 10)), decision("large", "信息中心", n0201=(990, 0)), UNREAD]


def printed(explain: bool) -> list[str]:
    out = io.StringIO()
    print_scores(CHECKED, scores_of(CHECKED, {}, NATIONAL.name), out, explain=explain)
    return out.getvalue().splitlines()


def test_sections_stand_in_columns() -> None:
    lines = printed(explain=False)
    head, *rows = lines[1:5]
    assert [row.split() for row in rows] == [
        ["信息中心", "2", "1", "–", "99.00", "–", "99.00", "–", "–", "–", "–"],
        ["办公室", "1", "0", "–", "–", "–", "–", "–", "–", "–", "–"],
        ["合计", "agency", "3", "1", "–", "99.00", "–", "99.00", "–", "–", "–", "–"],
    ]
    assert len({cells(line) for line in (head, *rows)}) == 1
    assert lines[-1].endswith(": lost")


def test_explanation_is_of_every_dataset_worst_first() -> None:
    lines = printed(explain=True)
    assert [line.split()[0] for line in lines if line and not line.startswith(" ")][:3] == ["lost", "small", "large"]
    small = lines[lines.index("small  small") : lines.index("large  large")]
    assert "    0201 数据元素完整性: 0/10 = 0.0000 (A/B), costs 100.00" in small
    assert "      required: 0/10" in small
    assert small[-4:-2] == ["  mend first:", "    required: 10 to mend, about 100.00 points"]
    assert "  mend first:" not in lines[lines.index("large  large") :]
