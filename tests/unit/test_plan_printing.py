"""Plan and outcome in plain text: grouped by verdict, worst first, whole lines in a pipe, 80 columns on a terminal."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from pipelines.handover import Changes
from pipelines.plan import Decision, Verdict
from pipelines.reporting.printing import print_outcome, print_plan
from pipelines.reporting.terminal import cells, printable, wrapped
from quality.finding import Finding, Quality, Severity


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def decision(dataset: str, verdict: Verdict = Verdict.UPDATE, **changes: Any) -> Decision:
    facts = {"title": "潮汐表", "owner": "观测处", "reason": "the source changed", **changes}
    return Decision(dataset, verdict=verdict, **facts)


def finding(rule: str, row: int, severity: Severity = Severity.MUST) -> Finding:
    return Finding(rule, severity, "tides", f"{rule} is broken", f"mend {rule}", "tides.csv", "", row, "port", "x")


def blocked(**changes: Any) -> Decision:
    findings = (finding("enum", 9, Severity.SHOULD), *(finding("required", row) for row in (2, 3)), finding("type", 4))
    severities = {"required": Severity.MUST, "type": Severity.MUST, "enum": Severity.SHOULD}
    quality = Quality(1200, findings, {"required": 20, "type": 1, "enum": 1000}, severities)
    return decision("tides", Verdict.BLOCKED, quality=quality, **changes)


def printed(*decisions: Decision) -> list[str]:
    out = io.StringIO()
    print_plan(decisions, out)
    return out.getvalue().splitlines()


def outcome(*decisions: Decision, report: Path | None = None) -> list[str]:
    out = io.StringIO()
    print_outcome(decisions, report, out)
    return out.getvalue().splitlines()


def test_groups_stand_worst_first_with_their_counts() -> None:
    lines = printed(decision("c"), decision("b", Verdict.UNCHANGED), decision("a", Verdict.BLOCKED), decision("d"))
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert [heading.split()[0] for heading in headings] == ["受阻", "将更新", "无变化"]
    assert [heading.split(": ")[1] for heading in headings] == ["1 dataset", "2 datasets", "1 dataset"]


def test_a_dataset_says_what_would_change() -> None:
    quality = Quality(1200)
    facts: dict[str, Any] = {"release": 3, "changes": Changes(1, 2, 3), "schema_changes": ("field x added",)}
    lines = [line.strip() for line in printed(decision("tides", quality=quality, **facts))]
    assert lines[1:-1] == [
        "tides  潮汐表",
        "reason: the source changed",
        "owner: 观测处",
        "release → 3",
        "rows: 1,200, of them 1 added, 3 changed; 2 removed",
        "schema: field x added",
    ]


def test_three_findings_one_of_each_grave_rule_first_and_how_many_more() -> None:
    lines = [line.strip() for line in printed(blocked())]
    start = lines.index("findings: 21 must, 1,000 should")
    assert lines[start + 1 :][:7] == [
        "tides.csv › row 2 › port: required is broken",
        "fix: mend required",
        "tides.csv › row 4 › port: type is broken",
        "fix: mend type",
        "tides.csv › row 3 › port: required is broken",
        "fix: mend required",
        "… and 1,018 more",
    ]


def test_what_is_unchanged_is_listed_up_to_ten() -> None:
    lines = printed(*(decision(f"d{number:03}", Verdict.UNCHANGED) for number in range(1000)))
    assert [line.split()[0] for line in lines[1:11]] == [f"d{number:03}" for number in range(10)]
    assert [line.strip() for line in lines[11:]] == ["… and 990 more", ""]


def test_a_pipe_gets_each_fact_in_one_line() -> None:
    reason = "the source changed " * 20
    assert f"    reason: {reason}".rstrip() in [line.rstrip() for line in printed(decision("tides", reason=reason))]


def test_a_terminal_gets_lines_of_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = Terminal()
    print_plan([blocked(reason="潮汐表的港口名称为空，" * 20, owner="long words " * 30)], out)
    lines = out.getvalue().splitlines()
    assert max(cells(line) for line in lines) in range(75, 81)
    assert all(not line.lstrip().startswith("，") for line in lines)


def test_text_of_the_data_does_not_move_the_cursor() -> None:
    text = "\n".join(printed(decision("tides", reason="a\x1b[2Jb\r\nc\u202ed")))
    assert "reason: a\N{REPLACEMENT CHARACTER}[2Jb c\N{REPLACEMENT CHARACTER}d" in text


def test_the_outcome_says_what_to_do_first_and_where_the_report_is() -> None:
    lines = outcome(decision("a", Verdict.PUBLISHED), blocked(), report=Path("reports/run-1.html"))
    assert "1 of 2 datasets needs attention" in lines[0]
    assert [line.strip() for line in lines[1:]] == [
        "tides blocked: the source changed",
        "first: tides.csv › row 2 › port: required is broken",
        "fix: mend required",
        "Report: reports/run-1.html",
    ]


def test_an_outcome_without_trouble_is_one_line() -> None:
    assert len(outcome(decision("a", Verdict.PUBLISHED), decision("b", Verdict.UNCHANGED))) == 1


def test_the_outcome_names_ten_in_trouble() -> None:
    lines = outcome(*(decision(f"d{number:02}", Verdict.FAILED) for number in range(12)))
    assert [line.split()[0] for line in lines[1:11]] == [f"d{number:02}" for number in range(10)]
    assert lines[11:] == ["  … and 2 more"]


def test_a_run_of_nothing_says_so() -> None:
    assert printed() == []
    assert outcome() == ["No dataset was selected."]


@pytest.mark.parametrize(("text", "number"), [("tides", 5), ("潮汐", 4), ("e\u0301", 1), ("（a）", 5)])
def test_cells_of_a_text(text: str, number: int) -> None:
    assert cells(text) == number


def test_a_path_longer_than_the_line_stays_whole() -> None:
    path = "/a/" + "b" * 100
    assert wrapped(f"see {path} now", 40, "", "  ") == ["see", f"  {path}", "  now"]


def test_punctuation_stays_with_its_character() -> None:
    assert wrapped("潮汐表（港口）。", 7, "", "") == ["潮汐表", "（港", "口）。"]


def test_line_breaks_and_controls_of_a_text() -> None:
    assert printable("a\r\n\tb\x00\x9b") == "a b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


def test_a_target_that_can_not_be_published_to_is_the_last_word() -> None:
    out = io.StringIO()
    published = [decision("permits", Verdict.PUBLISHED)]
    print_outcome(published, None, out, ["ckan: it does not answer → start it"])
    first, second = out.getvalue().splitlines()
    assert "nothing needs attention" not in first.lower()
    assert second.strip() == "ckan: it does not answer → start it"
