"""The run report: worst first, counts exact, nothing of the data becomes markup, small, and equal for equal runs."""

from __future__ import annotations

import datetime
import html.parser
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.handover import Changes
from pipelines.plan import Decision, Verdict
from pipelines.reporting.findings import EXAMPLES_PER_DATASET
from pipelines.reporting.run_report import LARGEST_PAGE, render_report, write_report
from quality.finding import Finding, Quality, Severity
from resource_catalog.agency import Agency
from resource_catalog.errors import OutsideError

AT = datetime.datetime(2017, 6, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
AGENCY = Agency(id="tide-office", name="潮汐局", code="113100000000000004")
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x07"
VOID = {"meta", "link", "br", "input", "img", "hr"}
RULES = ("required", "type", "enum", "pattern", "unique")


class Page(html.parser.HTMLParser):
    """What a page consists of, and whether its elements close in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.style = ""
        self.attributes: list[tuple[str, str, str]] = []
        self.said: list[str] = []
        self.feed(source)
        self.close()
        self.text = "".join(self.said)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.attributes.append((tag, "", ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.said.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _, _ in self.attributes}


def report(*decisions: Decision, **changes: Any) -> str:
    facts: dict[str, Any] = {"agency": AGENCY, "run": "run-1", "at": AT, "command": "opendata publish", **changes}
    return render_report(decisions=decisions, **facts)


def decision(dataset: str, verdict: Verdict = Verdict.PUBLISHED, **changes: Any) -> Decision:
    facts = {"title": f"标题 {dataset}", "owner": "观测处", "reason": "the source changed", **changes}
    return Decision(dataset, verdict=verdict, **facts)


def finding(rule: str = "required", row: int = 2, **changes: Any) -> Finding:
    facts: dict[str, Any] = {
        "severity": Severity.MUST,
        "dataset": "tides",
        "message": f"fault in row {row}",
        "fix": f"mend {rule}",
        "file": "samples/tides.csv",
        "row": row,
        "column": "port",
        "value": "x",
        **changes,
    }
    return Finding(rule, **facts)


def quality(*findings: Finding, **counts: int) -> Quality:
    severities = {rule: Severity.MUST for rule in counts} | {one.rule: one.severity for one in findings}
    return Quality(1200, findings, counts, severities, 91.5)


def ids(source: str, prefix: str) -> list[str]:
    return [value.removeprefix(prefix) for value in Page(source).values("id") if value.startswith(prefix)]


def squeezed(source: str) -> str:
    """The page's text as a reader sees it; elements that stand apart are set apart."""
    return re.sub(r"\s+", " ", Page(re.sub(r"</(dt|td|th|h1|h2|h3|li)>", r" </\1>", source)).text)


def test_datasets_stand_worst_first() -> None:
    verdicts = [verdict for verdict in Verdict for _ in range(2)]
    decisions = [decision(f"d{number:02}", verdict) for number, verdict in enumerate(verdicts)]
    assert ids(report(*reversed(decisions)), "dataset-") == [one.dataset for one in decisions]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_what_needs_no_decision_is_collapsed(verdict: Verdict) -> None:
    collapsed = "details" in Page(report(decision("tides", verdict))).tags
    assert collapsed == (verdict in (Verdict.HELD, Verdict.UNCHANGED))


def test_counts_per_verdict_lead_to_their_sections() -> None:
    source = report(decision("a", Verdict.BLOCKED), decision("b"), decision("c"))
    page = Page(source)
    assert [value for value in page.values("href") if value in ("#blocked", "#published")] == ["#blocked", "#published"]
    assert {"blocked", "published"} <= set(page.values("id"))
    assert "1 受阻 blocked" in squeezed(source)
    assert "2 已发布 published" in squeezed(source)


def test_sections_that_are_to_act_are_named_with_their_datasets() -> None:
    source = report(decision("a", Verdict.BLOCKED, owner="执法处"), decision("b", owner="法规处"))
    assert "#dataset-a" in Page(source).values("href")
    assert "#dataset-b" not in Page(source).values("href")


def test_a_dataset_shows_all_that_is_signed_for() -> None:
    source = report(
        decision(
            "tides",
            release=3,
            digest="sha256:abcd",
            changes=Changes(1234, 5, 6),
            schema_changes=("field height added",),
            quality=quality(finding(severity=Severity.SHOULD), required=7),
            targets={
                "static": {
                    "form": "release",
                    "release": 3,
                    "address": "http://127.0.0.1:8000/dataset/tides/",
                    "proof": {"files": 12, "bytes": 34567, "faults": []},
                }
            },
        )
    )
    text = squeezed(source)
    for said in ("观测处", "+1,234 −5 ~6", "field height added", "sha256:abcd", "1,200", "91.5", "34,567"):
        assert said in text
    assert "建议项问题 Should 7" in text
    assert "http://127.0.0.1:8000/dataset/tides/" in Page(source).values("href")


def test_points_of_metadata_are_shown_with_what_is_missing() -> None:
    metadata = {
        "points": 270.5,
        "evaluated": 295,
        "total": 405,
        "rating": "good",
        "best_rating": "excellent",
        "lost": {"dct:temporal": 20, "dct:format <i>": 4.5},
        "not_evaluated": {"DCAT-AP": "it was not held against the shapes"},
    }
    text = squeezed(report(decision("tides", targets={"static": {"form": "release", "metadata": metadata}})))
    assert "270.5/295 良至优" in text and "270.5/295 good to excellent" in text
    assert "dct:temporal −20, dct:format <i> −4.5" in text
    assert "未评 not evaluated DCAT-AP" in text
    certain = {**metadata, "best_rating": "good", "lost": {}, "not_evaluated": {}}
    text = squeezed(report(decision("tides", targets={"static": {"form": "release", "metadata": certain}})))
    assert "270.5/295 良" in text and "至" not in text and "失分" not in text and "未评" not in text


def test_what_a_target_lists_is_read_as_a_list() -> None:
    facts = {"tables": 2, "rows": [3, 4], "notes": ["甲", "乙"], "versions": []}
    text = squeezed(report(decision("tides", targets={"sharing": facts})))
    assert "tables 2 rows 3; 4 notes 甲; 乙" in text and "versions" not in text


def test_a_finding_shows_its_place_and_fix_and_the_count_is_exact() -> None:
    text = squeezed(report(decision("tides", quality=quality(finding(sheet="表1", value="007", row=41), required=99))))
    for said in (
        "必填项为空",
        "Required value missing",
        "必须 must 99",
        "samples/tides.csv › 表1",
        "41",
        "port",
        "007",
    ):
        assert said in text
    assert "fault in row 41" in text
    assert "mend required" in text
    assert "另有 98 处 and 98 more" in text


def test_a_rule_that_is_in_no_table_goes_by_its_code() -> None:
    source = report(decision("tides", quality=quality(finding("house-rule"), **{"house-rule": 1})))
    assert "house-rule" in Page(source).text


def test_fixes_that_differ_stand_with_their_examples() -> None:
    source = report(decision("tides", quality=quality(finding(fix="mend A"), finding(fix="mend B"), required=2)))
    assert {"mend A", "mend B"} <= set(re.findall("mend [AB]", Page(source).text.partition("问题汇总")[0]))


def test_one_dataset_shows_a_limited_number_of_examples_of_each_rule_alike() -> None:
    findings = [finding(rule, row) for rule in ("required", "type") for row in range(2, 102)]
    text = Page(report(decision("tides", quality=quality(*findings, required=100, type=100)))).text
    assert text.count("fault in row") == EXAMPLES_PER_DATASET
    assert text.count(f"and {100 - EXAMPLES_PER_DATASET // 2} more") == 2


def test_faults_of_a_proof_are_shown_and_counted() -> None:
    faults = [f"data/tides.csv: fault {number}" for number in range(12)]
    source = report(decision("tides", targets={"static": {"proof": {"files": 1, "bytes": 2, "faults": faults}}}))
    assert Page(source).text.count("data/tides.csv: fault") == 10
    assert "and 2 more" in Page(source).text
    assert "as published" not in Page(source).text


def test_no_text_becomes_markup() -> None:
    evil = decision(
        "tides",
        title=EVIL,
        owner=EVIL,
        reason=EVIL,
        verdict=Verdict.BLOCKED,
        schema_changes=(EVIL,),
        quality=quality(finding(message=EVIL, fix=EVIL, file=EVIL, sheet=EVIL, column=EVIL, value=EVIL), required=1),
        targets={EVIL: {"form": EVIL, "address": EVIL, "proof": {"files": 1, "bytes": 1, "faults": [EVIL]}}},
    )
    page = Page(report(evil, agency=AGENCY.model_copy(update={"name": EVIL}), command=EVIL, notes=(EVIL,)))
    assert not page.tags & {"script", "img"}
    assert not page.values("onerror")
    assert "\x07" not in page.text
    assert page.text.count("<script>alert(1)</script>") > 10


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//host/x", "file:///etc/passwd"])
def test_only_web_addresses_become_links(address: str) -> None:
    source = report(decision("tides", targets={"static": {"address": address}}))
    assert all(value.startswith("#") for value in Page(source).values("href"))
    assert address in Page(source).text


def test_user_and_password_of_an_address_are_left_out() -> None:
    source = report(decision("tides", targets={"ckan": {"address": "https://user:s3cret@data.example.org/tides"}}))
    assert "s3cret" not in source
    assert "https://data.example.org/tides" in Page(source).values("href")


def test_the_page_asks_nobody_for_anything() -> None:
    source = report(decision("tides", Verdict.BLOCKED, quality=quality(finding(), required=1)))
    page = Page(source)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not page.values("src")
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert any(value.startswith("default-src 'none'") for value in page.values("content"))


def test_equal_arguments_give_equal_pages() -> None:
    decisions = [decision("a", Verdict.BLOCKED, quality=quality(finding(), required=1)), decision("b")]
    assert report(*decisions) == report(*reversed(decisions))


def test_notes_of_the_run_are_shown() -> None:
    assert "orphan.csv belongs to no entry" in Page(report(notes=("orphan.csv belongs to no entry",))).text


def thousand_in_trouble(text: str) -> list[Decision]:
    """1,000 blocked datasets of 100 findings of five rules each."""
    found = [finding(RULES[row % 5], row, message=text, fix=text, value=text, column=text) for row in range(100)]
    checked = quality(*found, **dict.fromkeys(RULES, 20))
    return [decision(f"dataset-{number:04}", Verdict.BLOCKED, quality=checked) for number in range(1000)]


@pytest.mark.parametrize("text", ["x", "单元格为空，必须填写。", "<&\"'>" * 400], ids=["short", "chinese", "escaped"])
def test_a_thousand_datasets_in_trouble_fit_into_two_megabytes(text: str) -> None:
    source = report(*thousand_in_trouble(text))
    assert len(source.encode()) <= LARGEST_PAGE
    page = Page(source)
    assert len(ids(source, "dataset-")) == 1000
    assert page.text.count("Required value missing") == 1001  # each dataset's own line, and the whole run's
    first = source[source.index('id="dataset-dataset-0000"') : source.index('id="dataset-dataset-0001"')]
    assert "samples/tides.csv" in first
    assert "20,000" in page.text


def test_a_report_is_one_file_named_by_its_run(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    file = write_report(folder, "run-1", "<p>潮汐</p>")
    write_report(folder, "run-1", "<p>once more</p>")
    assert file.read_text(encoding="utf-8") == "<p>once more</p>"
    assert list(folder.iterdir()) == [folder / "run-1.html"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutsideError) as caught:
        write_report(tmp_path / "reports", "run-1", "")
    assert caught.value.where == str(tmp_path / "reports" / "run-1.html")
