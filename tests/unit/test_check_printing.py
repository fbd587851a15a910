"""The self-check's lines: trouble first, exact counts, places and fixes, and how many are valid."""

from __future__ import annotations

import io

from pipelines.plan import Decision, Verdict
from pipelines.reporting.check_lines import print_check
from quality.finding import Finding, Quality, Severity

FINDINGS = tuple(
    Finding(
        "enum",
        Severity.MUST,
        "powers",
        f"'{row}' is none of 甲, 乙",
        "use a value of the list",
        "p.csv",
        row=row,
        column="kind",
    )
    for row in range(2, 7)
)
BROKEN = Quality(5, FINDINGS, {"enum": 4_321}, {"enum": Severity.MUST}, 61.5)


def _lines(*decisions: Decision) -> list[str]:
    out = io.StringIO()
    print_check(decisions, out)
    return out.getvalue().splitlines()


def test_trouble_comes_first_with_exact_counts_places_and_fix() -> None:
    valid = Decision("codes", "代码", "信息中心", Verdict.UNCHANGED, "valid", quality=Quality(7_384, score=100.0))
    broken = Decision("powers", "权力清单", "法制处", Verdict.BLOCKED, "", quality=BROKEN)
    assert _lines(valid, broken) == [
        "有问题 invalid  powers  权力清单 (法制处)",
        "  5 rows, score 61.5, 4,321 must, 0 should; gate: blocked by enum",
        "  must enum: 4,321",
        "    p.csv › row 2 › kind: '2' is none of 甲, 乙",
        "    p.csv › row 3 › kind: '3' is none of 甲, 乙",
        "    p.csv › row 4 › kind: '4' is none of 甲, 乙",
        "    → use a value of the list",
        "合格 valid  codes  代码 (信息中心)",
        "  7,384 rows, score 100.0, 0 must, 0 should",
        "1 of 2 valid",
    ]


def test_a_dataset_that_could_not_be_read_says_why() -> None:
    failed = Decision(
        "powers", "权力清单", "法制处", Verdict.FAILED, "p.csv: there is no such file. → mend source.path"
    )
    assert _lines(failed) == [
        "有问题 invalid  powers  权力清单 (法制处)",
        "  p.csv: there is no such file. → mend source.path",
        "0 of 1 valid",
    ]
