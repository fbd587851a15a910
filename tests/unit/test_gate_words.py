"""Plan, check and report say what the gate did: what is to be confirmed, held back, waived; nothing becomes markup."""

from __future__ import annotations

import datetime
import io

from pipelines.plan import Confirmation, Decision, Verdict, gate_document
from pipelines.reporting.check_lines import print_check
from pipelines.reporting.gate import gate_words
from pipelines.reporting.printing import print_plan
from pipelines.reporting.run_report import render_report
from quality.finding import Finding, HeldBack, Quality, Severity, Waived
from resource_catalog.agency import Agency

EVIL = "<script>alert(1)</script>"
UNTIL = datetime.date(2026, 12, 31)
FOUND = Finding("pattern", Severity.MUST, "tides", "no code", "mend it", "tides.csv", row=7, column="port", value="x")
HELD = HeldBack(2, 1200, {"pattern": 2, "required": 1}, (FOUND,))
WAIVED = Waived("length", "name", 3, EVIL, "陈处长", UNTIL)
QUALITY = Quality(1198, (), {"length": 3}, {"length": Severity.MUST}, held_back=HELD, waived=(WAIVED,))
ASKED = Confirmation(("rows 200 → 100",), "tides:0123abcd")


def decision(verdict: Verdict, asked: Confirmation | None = None, quality: Quality = QUALITY) -> Decision:
    return Decision("tides", "潮汐", "观测处", verdict, "x", release=4, quality=quality, confirmation=asked)


def said(one: Decision) -> list[str]:
    return [words.en for words in gate_words(one)]


def test_each_fact_has_its_line_and_what_is_to_be_done_stands_first() -> None:
    first, held, waived = said(decision(Verdict.BLOCKED, ASKED))
    assert ASKED.token in first
    assert "2 of 1,200 rows (pattern 2, required 1)" in held
    assert "length name, 3 findings, until 2026-12-31, by 陈处长" in waived


def test_what_was_confirmed_says_by_whom_and_needs_no_sign() -> None:
    (first, *_others) = said(decision(Verdict.PUBLISHED, Confirmation(ASKED.needed, ASKED.token, "李")))
    assert "李" in first
    assert ASKED.token not in first


def test_the_list_is_named_once_its_release_is_made() -> None:
    assert "quarantine/tides/4.csv" in said(decision(Verdict.PUBLISHED))[0]
    assert "quarantine" not in said(decision(Verdict.UPDATE))[0]


def test_without_any_there_is_no_line() -> None:
    assert said(decision(Verdict.PUBLISHED, quality=Quality(5))) == []
    assert gate_document(Quality(5)) == gate_document(None) == {"held_back": None, "waived": []}


def test_plan_and_check_print_them() -> None:
    lines = io.StringIO()
    print_plan([decision(Verdict.BLOCKED, ASKED)], lines)
    assert all(line in lines.getvalue() for line in said(decision(Verdict.BLOCKED, ASKED))[1:])
    assert "findings: 0 must, 0 should, 3 waived" in lines.getvalue()
    checked = io.StringIO()
    print_check([decision(Verdict.UNCHANGED)], checked)
    assert "2 of 1,200 rows" in checked.getvalue()
    assert "row 7" in checked.getvalue()


def test_the_report_shows_them_and_no_markup() -> None:
    page = render_report(
        agency=Agency(id="tide-office", name="潮汐局", code="x"),
        run="run-1",
        at=datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC),
        command="publish",
        decisions=[decision(Verdict.BLOCKED, ASKED)],
    )
    assert page.count(ASKED.token) == 2  # in either language
    assert page.count("陈处长") == 2
    assert EVIL not in page
